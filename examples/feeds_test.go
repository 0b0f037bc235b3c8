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
	b := newBot(t, "blog-to-nostr/bot.yaml")
	b.env["FEED_URL"] = blog.URL
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
	feeds := map[string]*feed{"PAPER_FEED": newFeed(t, "Paper"), "RADIO_FEED": newFeed(t, "Radio"), "BLOG_FEED": newFeed(t, "Blog")}
	b := newBot(t, "feed-bridge/bot.yaml")
	for name, f := range feeds {
		f.add(item{Title: "Long ago", Link: f.URL + "/0"})
		b.env[name] = f.URL
	}
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

func TestManyBots(t *testing.T) {
	t.Parallel()
	feeds := map[string]*feed{
		"TEAM_FEED": newFeed(t, "Team"), "PAPER_FEED": newFeed(t, "Paper"), "RADIO_FEED": newFeed(t, "Radio"),
		"RELEASES_FEED": newFeed(t, "Releases"),
	}
	b := newBot(t, "many-bots/bot.yaml")
	for name, f := range feeds {
		f.add(item{Title: "Long ago", Link: f.URL + "/0"})
		b.env[name] = f.URL
	}
	b.runOnce(t)

	feeds["TEAM_FEED"].add(item{Title: "We moved", Link: "https://team.example/1"})
	feeds["PAPER_FEED"].add(item{Title: "Rain", Link: "https://paper.example/1"})
	feeds["RADIO_FEED"].add(item{Title: "Sun", Link: "https://radio.example/1"})
	feeds["RELEASES_FEED"].add(item{Title: "v2.0.0-rc1", Link: "https://code.example/1"})
	feeds["RELEASES_FEED"].add(item{Title: "v2.0.0", Link: "https://code.example/2"})
	s := b.run(t)
	authors := make(map[string]string)
	for range 4 {
		note := s.sees()
		authors[note.Content] = note.PubKey
	}
	team := authors["We moved\n\nhttps://team.example/1"]
	paper := authors["Rain (Paper)\n\nhttps://paper.example/1"]
	radio := authors["Sun (Radio)\n\nhttps://radio.example/1"]
	releases := authors["Released: v2.0.0\n\nhttps://code.example/2"]
	if team != b.pubkey || paper != radio || releases == "" || paper == team || paper == releases || releases == team {
		t.Errorf("the wrong bot spoke: %v", authors)
	}
	s.stop()

	// The same key gives the same children wherever the bot runs.
	for name, pubkey := range map[string]string{"team": team, "world": paper, "releases": releases} {
		if shown := pubkeyOf(t, b, name); shown != pubkey {
			t.Errorf("%s is %s, key show says %s", name, pubkey, shown)
		}
	}
}
