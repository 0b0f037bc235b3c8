package examples_test

import (
	"strings"
	"testing"

	"github.com/nbd-wtf/go-nostr"

	"rhea/engine"
	"rhea/engine/key"
)

func TestBlogToNostr(t *testing.T) {
	t.Parallel()
	blog := newFeed(t, "Blog", item{Title: "Long ago", Link: "https://blog.example/1"})
	b := recipe(t, "blog-to-nostr", "https://blog.example/feed.xml", blog.URL)
	b.runOnce(t)

	blog.add(item{Title: "Buy now [sponsored]", Link: "https://blog.example/2"})
	blog.add(item{Title: "Emoji 🧡 & <3", Link: "https://blog.example/3", Categories: []string{"Open Source", "Go"}})
	s := b.run(t)
	note := s.sees()
	if want := "Emoji 🧡 & <3\n\nhttps://blog.example/3"; note.Kind != 1 || note.Content != want || note.PubKey != b.pubkey {
		t.Errorf("the bot published %s, want a note %q", note, want)
	}
	hasTags(t, note, nostr.Tags{{"t", "blog"}, {"t", "opensource"}, {"t", "go"}})
	if origin := tagsOf(note, "proxy"); len(origin) != 1 || !strings.HasPrefix(origin[0], blog.URL) {
		t.Errorf("the note does not say which feed it came from: %v", note.Tags)
	}
	s.stop()
}

func TestFeedBridge(t *testing.T) {
	t.Parallel()
	feeds := map[string]*feed{
		"https://paper.example/rss": newFeed(t, "Paper"), "https://radio.example/rss": newFeed(t, "Radio"),
		"https://blog.example/atom.xml": newFeed(t, "Blog"),
	}
	b := recipe(t, "feed-bridge", moved(feeds)...)
	b.runOnce(t)

	for _, f := range feeds {
		f.add(item{Title: "News", Link: f.URL + "/1"})
	}
	s := b.run(t)
	profiles, notes := make(map[string]string), make(map[string]nostr.Event)
	for range 2 * len(feeds) {
		switch e := s.sees(); e.Kind {
		case nostr.KindProfileMetadata:
			profiles[e.PubKey] = e.Content
		default:
			if profiles[e.PubKey] == "" {
				t.Errorf("a note came before the profile of %s", e.PubKey)
			}
			notes[e.PubKey] = e
		}
	}
	s.stop()
	if len(notes) != len(feeds) || notes[b.pubkey].ID != "" {
		t.Fatalf("%d identities spoke", len(notes))
	}
	signer, err := key.NewSigner(engine.NewSecret(b.env["BOT_NSEC"]))
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range feeds {
		own, err := key.Derive(signer, f.URL)
		if err != nil {
			t.Fatal(err)
		}
		note := notes[own.PublicKey()]
		if origin := tagsOf(note, "proxy"); len(origin) != 1 || !strings.HasPrefix(origin[0], f.URL+"#") {
			t.Errorf("the note of %s has the proxy tags %v", f.URL, origin)
		}
		if profile := profiles[own.PublicKey()]; !strings.Contains(profile, `"bot":true`) || !strings.Contains(profile, `"name":"`) {
			t.Errorf("the profile says %s", profile)
		}
	}
}

// moved gives each feed a post of the past, and says by which address each is to be replaced.
func moved(feeds map[string]*feed) []string {
	var changes []string
	for address, f := range feeds {
		f.add(item{Title: "Long ago", Link: f.URL + "/0"})
		changes = append(changes, address, f.URL)
	}
	return changes
}

func TestManyBots(t *testing.T) {
	t.Parallel()
	team, paper, radio, releases := newFeed(t, "Team"), newFeed(t, "Paper"), newFeed(t, "Radio"), newFeed(t, "Releases")
	b := recipe(t, "many-bots", moved(map[string]*feed{
		"https://team.example/feed.xml": team, "https://paper.example/rss": paper, "https://radio.example/rss": radio,
		"https://code.example/releases.atom": releases,
	})...)
	b.runOnce(t)

	team.add(item{Title: "We moved", Link: "https://team.example/1"})
	paper.add(item{Title: "Rain", Link: "https://paper.example/1"})
	radio.add(item{Title: "Sun", Link: "https://radio.example/1"})
	releases.add(item{Title: "v2.0.0-rc1", Link: "https://code.example/1"})
	releases.add(item{Title: "v2.0.0", Link: "https://code.example/2"})
	s := b.run(t)
	authors := make(map[string]string)
	for range 4 {
		note := s.sees()
		authors[note.Content] = note.PubKey
	}
	teamBot := authors["We moved\n\nhttps://team.example/1"]
	paperBot := authors["Rain (Paper)\n\nhttps://paper.example/1"]
	radioBot := authors["Sun (Radio)\n\nhttps://radio.example/1"]
	releasesBot := authors["Released: v2.0.0\n\nhttps://code.example/2"]
	if teamBot != b.pubkey || paperBot != radioBot || releasesBot == "" || paperBot == teamBot || paperBot == releasesBot || releasesBot == teamBot {
		t.Errorf("the wrong bot spoke: %v", authors)
	}
	s.stop()

	// The same key gives the same children wherever the bot runs.
	for name, pubkey := range map[string]string{"team": teamBot, "world": paperBot, "releases": releasesBot} {
		if shown := pubkeyOf(t, b, name); shown != pubkey {
			t.Errorf("%s is %s, key show says %s", name, pubkey, shown)
		}
	}
}
