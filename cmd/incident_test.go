package cmd_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

// TestFeedIncidents replays what has gone wrong with feed bots elsewhere: each look at the feed is a run of its own, as
// from cron, so everything that must be remembered is on disk.
func TestFeedIncidents(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		// look returns the items of the nth look at the feed.
		look func(n int) []string
		runs int
		most int // notes after all runs
	}{
		// A list of seen items that is shorter than the feed posted its tail with every look: 503,000 notes.
		"a feed longer than any list": {func(int) []string { return posts(0, 1500, "guid-%d") }, 4, 0},
		// The address began to lead to another file, with everything new in it.
		"another file under the address": {func(n int) []string {
			if n < 2 {
				return posts(0, 5, "guid-%d")
			}
			return posts(1000, 2000, "other-%d")
		}, 6, 60},
		// A rebuilt site gave every item a new guid.
		"every guid is new": {func(n int) []string { return posts(0, 40, fmt.Sprintf("build-%d-", n)+"%d") }, 5, 20},
		// Every rebuild dated all items anew.
		"every date is new": {func(n int) []string {
			return dated(posts(0, 40, "guid-%d"), time.Date(2026, 3, 1, n, 0, 0, 0, time.UTC))
		}, 5, 0},
		// The site moved to another address, and the feed had no guids.
		"every link is new": {func(n int) []string {
			items := posts(0, 40, "guid-%d")
			for i := range items {
				items[i] = guids.ReplaceAllString(items[i], "")
				items[i] = strings.Replace(items[i], "blog.example", fmt.Sprintf("blog-%d.example", n/2), 1)
			}
			return items
		}, 6, 20},
		// A feed that puts a fresh mark of a campaign behind each link, and takes it for its guid.
		"a campaign in every guid": {func(n int) []string {
			items := posts(0, 40, "")
			for i := range items {
				link := fmt.Sprintf("https://blog.example/%d?utm_source=rss&amp;utm_campaign=%d", i, n)
				items[i] = fmt.Sprintf("<item><guid>%s</guid><title>Post %d</title><link>%s</link></item>", link, i, link)
			}
			return items
		}, 5, 0},
		// A restart forgot what was posted.
		"the same feed after a restart": {func(int) []string { return posts(0, 10, "guid-%d") }, 5, 0},
		// A server in trouble answered with an empty feed, and then with the old one.
		"empty in between": {func(n int) []string {
			if n%2 == 1 {
				return nil
			}
			return posts(0, 20, "guid-%d")
		}, 5, 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var looks atomic.Int32
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				n := int(looks.Add(1)) - 1
				fmt.Fprintf(w, `<rss version="2.0"><channel><title>Blog</title><link>https://blog.example</link>%s</channel></rss>`,
					strings.Join(tc.look(n), ""))
			}))
			t.Cleanup(server.Close)
			relay := watch(t)
			dir := t.TempDir()
			writeConfig(t, dir, fmt.Sprintf(`version: 1
identities: { main: { key: { env: BOT_NSEC } } }
relays: [%s]
rules:
  - name: blog
    trigger: { feed: { url: %s, allow_private: true } }
    actions: [ { publish: { content: "${{ item.title }} ${{ item.link }}" } } ]
`, relay.url, server.URL))
			for range tc.runs {
				code, log := runOnce(t, dir)
				if code > 1 {
					t.Fatalf("exit code %d:\n%s", code, log)
				}
			}
			if n := len(relay.notes()); n > tc.most {
				t.Errorf("%d notes were published, want up to %d", n, tc.most)
			}
			if n := int(looks.Load()); n < tc.runs {
				t.Errorf("the feed was looked at %d times in %d runs", n, tc.runs)
			}
		})
	}
}

var guids = regexp.MustCompile(`<guid[^>]*>[^<]*</guid>`)

// dated gives every item the same date.
func dated(items []string, at time.Time) []string {
	for i := range items {
		items[i] = strings.Replace(items[i], "</item>", "<pubDate>"+at.Format(time.RFC1123Z)+"</pubDate></item>", 1)
	}
	return items
}

// posts are the items of a feed; the guid's form tells one build of the site from another.
func posts(from, to int, guid string) []string {
	var all []string
	for n := from; n < to; n++ {
		all = append(all, fmt.Sprintf("<item><guid isPermaLink=\"false\">"+guid+"</guid><title>Post %d</title><link>https://blog.example/%d</link></item>", n, n, n))
	}
	return all
}
