package examples_test

import (
	"strings"
	"testing"

	"github.com/nbd-wtf/go-nostr"
)

func TestReleaseAnnouncer(t *testing.T) {
	t.Parallel()
	releases := newFeed(t, "Releases", item{Title: "v1.0.0", Link: "https://code.example/1"})
	b := recipe(t, "release-announcer", "https://code.example/project/releases.atom", releases.URL)
	b.runOnce(t)

	releases.add(item{Title: "v2.0.0-rc1", Link: "https://code.example/2", Text: "<p>Try it.</p>"})
	releases.add(item{Title: "v2.0.0", Link: "https://code.example/3?utm_source=feed", Text: "<p>It is <b>faster</b>.</p><ul><li>no <i>bugs</i></li></ul>"})
	s := b.run(t)
	article, note := s.sees(), s.sees()
	if want := "It is **faster**.\n\n- no *bugs*\n\n[v2.0.0 on the project's page](https://code.example/3?utm_source=feed)"; article.Kind != 30023 || article.Content != want {
		t.Errorf("the bot published %s, want an article %q", article, want)
	}
	hasTags(t, article, nostr.Tags{{"title", "v2.0.0"}, {"t", "release"}, {"r", "https://code.example/3"}, {"summary", "It is faster.\n\n- no bugs"}})
	name := tagsOf(article, "d")
	if len(name) != 1 || len(tagsOf(article, "published_at")) != 1 {
		t.Fatalf("the article has the tags %v", article.Tags)
	}
	if note.Kind != 1 || !strings.HasPrefix(note.Content, "v2.0.0 is out!\n\nnostr:naddr1") {
		t.Errorf("the note says %q", note.Content)
	}
	hasTags(t, note, nostr.Tags{{"q", "30023:" + b.pubkey + ":" + name[0]}})
	s.stop()

	releases.edit(item{Title: "v2.0.0, mended", Link: "https://code.example/3?utm_source=feed", Text: "<p>It is fast.</p>"})
	s = b.run(t)
	edited := s.sees()
	s.stop()
	if d := tagsOf(edited, "d"); edited.Kind != 30023 || len(d) != 1 || d[0] != name[0] || edited.CreatedAt < article.CreatedAt {
		t.Errorf("the edited article is %s, want a newer version of %s", edited, article)
	}
}
