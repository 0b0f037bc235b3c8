package actions_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/nbd-wtf/go-nostr"

	"rhea/engine/enginetest"
)

// itemData is an item of a feed.
type itemData struct {
	feedData
	guid string
	at   time.Time
}

func (d *itemData) Proxy() (id, protocol string) {
	return "https://blog.example/feed.xml#" + d.guid, "rss"
}
func (d *itemData) Reference() (string, bool)     { return "https://blog.example/" + d.guid, d.guid != "" }
func (d *itemData) Identity() (string, time.Time) { return d.guid, d.at }

func (d *itemData) File(address string) (string, int) {
	switch address {
	case "https://blog.example/photo":
		return "image/webp", 1234
	case "https://blog.example/odd.png":
		return "image/png; x=\"y\"", 0
	}
	return "", 0
}

// What a feed says about a picture is more than its name tells.
func TestPictureOfAFeed(t *testing.T) {
	t.Parallel()
	e, err := writeArticle(t, `{"title": "x", "content": "y", "images": ["https://blog.example/photo", "https://blog.example/odd.png", "https://blog.example/x"]}`, "1")
	if err != nil {
		t.Fatal(err)
	}
	var all []string
	for _, tag := range e.Tags {
		if tag[0] == "imeta" {
			all = append(all, strings.Join(tag[1:], "|"))
		}
	}
	if got, want := strings.Join(all, " "), "url https://blog.example/photo|m image/webp|size 1234 url https://blog.example/odd.png|m image/png"; got != want {
		t.Errorf("imeta %s, want %s", got, want)
	}
}

func writeArticle(t *testing.T, config, guid string, before ...nostr.Event) (nostr.Event, error) {
	t.Helper()
	run := newRun(nil)
	source := new(enginetest.Source)
	for _, e := range before {
		source.Add(e)
	}
	run.Source = source
	run.Data = &itemData{feedData{data{vars: map[string]string{"title": "A title", "text": "Words.", "slug": guid}}}, guid, time.Unix(1_700_000_000, 0)}
	result, err := mustBuild(t, "article", config).Act(t.Context(), run)
	if err != nil {
		return nostr.Event{}, err
	}
	d := result.Drafts[0]
	conforms(t, d)
	e := nostr.Event{Kind: d.Kind, PubKey: bot, Content: d.Content, Tags: d.Tags, CreatedAt: d.CreatedAt, ID: note1}
	if e.CreatedAt == 0 {
		e.CreatedAt = nostr.Timestamp(run.Now.Unix())
	}
	return e, nil
}

func value(e nostr.Event, name string) string {
	for _, tag := range e.Tags {
		if tag[0] == name {
			return tag[1]
		}
	}
	return ""
}

func TestArticle(t *testing.T) {
	t.Parallel()
	const config = `{"title": "${{ title }}", "summary": "Short.", "image": "https://blog.example/a.jpg", "content": "# Words\n\n${{ text }}\n", "hashtags": ["Go Lang"]}`
	e, err := writeArticle(t, config, "1")
	if err != nil {
		t.Fatal(err)
	}
	if e.Kind != 30023 || e.Content != "# Words\n\nWords." {
		t.Errorf("the article is %+v", e)
	}
	for name, want := range map[string]string{
		"title": "A title", "summary": "Short.", "image": "https://blog.example/a.jpg", "published_at": "1700000000", "t": "golang",
		"proxy": "https://blog.example/feed.xml#1", "r": "https://blog.example/1", "d": "6b86b273ff34fce19d6b804eff5a3f57",
	} {
		if got := value(e, name); got != want {
			t.Errorf("%s is %q, want %q", name, got, want)
		}
	}
}

// An edited item is the same article, newer by at least a second, with the time of its first publication.
func TestArticleIsUpdated(t *testing.T) {
	t.Parallel()
	const config = `{"title": "${{ title }}", "content": "${{ text }}", "published_at": "2020-01-01T00:00:00Z"}`
	first, err := writeArticle(t, config, "1")
	if err != nil {
		t.Fatal(err)
	}
	if at := value(first, "published_at"); at != "1577836800" {
		t.Errorf("published at %s", at)
	}
	first.Tags = append(nostr.Tags{{"published_at", "1500000000"}}, first.Tags...)
	second, err := writeArticle(t, config, "1", first)
	if err != nil {
		t.Fatal(err)
	}
	if value(second, "d") != value(first, "d") || second.CreatedAt != first.CreatedAt+1 || value(second, "published_at") != "1500000000" {
		t.Errorf("the second version is %+v of %+v", second, first)
	}
	other, err := writeArticle(t, config, "2", first)
	if err != nil {
		t.Fatal(err)
	}
	if value(other, "d") == value(first, "d") {
		t.Errorf("another item replaces the first: %+v", other)
	}
}

// TestArticleIsUpdatedInAnOutage updates an article that no relay can show: the state knows when it was published first.
func TestArticleIsUpdatedInAnOutage(t *testing.T) {
	t.Parallel()
	at := func(published string, created nostr.Timestamp) *nostr.Event {
		return &nostr.Event{
			Kind: 30023, PubKey: bot, CreatedAt: created, ID: note1,
			Tags: nostr.Tags{{"d", "slug"}, {"published_at", published}},
		}
	}
	for name, tt := range map[string]struct {
		state, relay *nostr.Event
		down         error
		want         string
	}{
		"no relay answers":          {at("1500000000", 100), nil, errEval, "1500000000"},
		"no relay has it":           {at("1500000000", 100), nil, nil, "1500000000"},
		"a relay has an older one":  {at("1500000000", 100), at("1400000000", 50), nil, "1500000000"},
		"a relay has a newer one":   {at("1500000000", 100), at("1400000000", 200), nil, "1400000000"},
		"nobody knows":              {nil, nil, errEval, "1800000000"},
		"the state has no such one": {nil, at("1400000000", 50), nil, "1400000000"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			run, source := newRun(nil), new(enginetest.Source)
			source.Break(tt.down)
			if tt.relay != nil {
				source.Add(*tt.relay)
			}
			run.Source = source
			run.Latest = func(_ context.Context, address string) (*nostr.Event, error) {
				if address != "30023:"+bot+":slug" {
					t.Errorf("asked for %s", address)
				}
				return tt.state, nil
			}
			result, err := mustBuild(t, "article", `{"title": "x", "content": "y", "slug": "slug"}`).Act(t.Context(), run)
			if err != nil {
				t.Fatal(err)
			}
			if got := value(nostr.Event{Tags: result.Drafts[0].Tags}, "published_at"); got != tt.want {
				t.Errorf("published at %s, want %s", got, tt.want)
			}
		})
	}
}

func TestArticleSlug(t *testing.T) {
	t.Parallel()
	config := func(slug string) string { return `{"title": "x", "content": "y", "slug": "` + slug + `"}` }
	seen := map[string]string{}
	for slug, want := range map[string]string{
		"release-1.2.3": "release-1.2.3", "Hello World": "hello-world-", "Hello, World": "hello-world-",
		"C": "c-", "C++": "c-", "日本": "", "${{ title }}": "a-title-", strings.Repeat("long ", 100): "long-long-",
	} {
		e, err := writeArticle(t, config(slug), "1")
		if err != nil {
			t.Fatal(err)
		}
		d := value(e, "d")
		if !strings.HasPrefix(d, want) || d == "" || len(d) > 128 || strings.ContainsAny(d, " :/") {
			t.Errorf("%s becomes %q, want %q", slug, d, want)
		}
		if who, twice := seen[d]; twice {
			t.Errorf("%s and %s both become %s", slug, who, d)
		}
		seen[d] = slug
	}
	// Two items that want one name: the second one gets its own, and keeps it.
	first, err := writeArticle(t, config("news"), "1")
	if err != nil {
		t.Fatal(err)
	}
	second, err := writeArticle(t, config("news"), "2", first)
	if err != nil {
		t.Fatal(err)
	}
	again, err := writeArticle(t, config("news"), "2", first, second)
	if err != nil {
		t.Fatal(err)
	}
	if d := value(second, "d"); d == "news" || !strings.HasPrefix(d, "news-") || value(again, "d") != d {
		t.Errorf("the second item is called %q, then %q", d, value(again, "d"))
	}
}

func TestArticleWithoutAFeed(t *testing.T) {
	t.Parallel()
	run := newRun(nil)
	a := mustBuild(t, "article", `{"title": "x", "content": "y", "image": "javascript:x"}`)
	one, err := a.Act(t.Context(), run)
	if err != nil {
		t.Fatal(err)
	}
	run.IdempotencyKey = "test/other/1"
	two, err := a.Act(t.Context(), run)
	if err != nil {
		t.Fatal(err)
	}
	if d := one.Drafts[0].Tags[0][1]; len(d) != 32 || d == two.Drafts[0].Tags[0][1] {
		t.Errorf("the articles are called %v and %v", one.Drafts[0].Tags, two.Drafts[0].Tags)
	}
	if value(nostr.Event{Tags: one.Drafts[0].Tags}, "image") != "" {
		t.Error("the image is no address")
	}
	down := new(enginetest.Source)
	down.Break(errEval)
	run.Source = down
	if _, err := a.Act(t.Context(), run); err != nil {
		t.Errorf("relays that are down keep a first version back: %v", err)
	}
	if _, err := mustBuild(t, "article", `{"title": "x", "content": "${{ nothing }}"}`).Act(t.Context(), run); err == nil {
		t.Error("an empty article is published")
	}
}

func TestArticleRefuses(t *testing.T) {
	t.Parallel()
	for config, want := range map[string]string{
		`{"content": "x"}`: "title", `{"title": "x"}`: "content",
		`{"title": "x", "content": "y", "slug": " "}`:            "slug",
		`{"title": "x", "content": "y", "published_at": "soon"}`: "published_at",
		`{"title": "x", "content": "y", "pow": 99}`:              "pow",
	} {
		if _, err := build(t, "article", config); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want a mistake at %s", config, err, want)
		}
	}
}
