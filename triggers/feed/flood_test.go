package feed_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"rhea/engine"
	"rhea/engine/enginetest"
	"rhea/triggers/feed"
)

// entry is an item of a feed as its server writes it.
type entry struct{ guid, link, title, date, text string }

func document(entries ...entry) string {
	var b strings.Builder
	b.WriteString(`<rss version="2.0"><channel><title>Site</title><link>https://site.example/</link>`)
	for _, e := range entries {
		b.WriteString("<item>")
		for _, part := range [][2]string{
			{"guid", e.guid}, {"link", e.link}, {"title", e.title}, {"pubDate", e.date}, {"description", e.text},
		} {
			if part[1] != "" {
				fmt.Fprintf(&b, "<%s>%s</%s>", part[0], part[1], part[0])
			}
		}
		b.WriteString("</item>")
	}
	return b.String() + "</channel></rss>"
}

// many makes entries, newest first, whose parts are made by a function.
func many(n int, build func(i int) entry) []entry {
	var all []entry
	for i := n; i > 0; i-- {
		all = append(all, build(i))
	}
	return all
}

func (s *site) show(entries ...entry) {
	s.set(func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, document(entries...)) })
}

func titles(in *enginetest.Intake) string {
	var all []string
	for _, s := range in.Signals() {
		all = append(all, s.Data.(*feed.Data).Item.Title)
	}
	return strings.Join(all, ",")
}

// TestOverTime replays what publishers do to their feeds, with a restart between any two looks.
func TestOverTime(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("Words that nobody else would write. ", 5)
	page := func(i int) string { return fmt.Sprintf("https://site.example/posts/%d", i) }
	one := func(i int) entry { return entry{fmt.Sprint("id-", i), page(i), fmt.Sprint("post ", i), "", ""} }
	for name, tt := range map[string]struct {
		revisions [][]entry
		want      string
	}{
		"new ones, one at a time": {[][]entry{many(2, one), many(3, one), many(3, one), many(4, one)}, "post 3,post 4"},
		"guids that all change at once": {[][]entry{many(30, one), many(30, func(i int) entry {
			return entry{fmt.Sprint("urn:new:", i), page(i), fmt.Sprint("post ", i), "", ""}
		}), many(31, func(i int) entry {
			return entry{fmt.Sprint("urn:new:", i), page(i), fmt.Sprint("post ", i), "", ""}
		})}, "post 31"},
		"guids made anew at each fetch": {[][]entry{
			many(5, func(i int) entry { return entry{fmt.Sprint("a", i), page(i), fmt.Sprint("post ", i), "", ""} }),
			many(5, func(i int) entry { return entry{fmt.Sprint("b", i), page(i), fmt.Sprint("post ", i), "", ""} }),
			many(6, func(i int) entry { return entry{fmt.Sprint("c", i), page(i), fmt.Sprint("post ", i), "", ""} }),
			many(6, func(i int) entry { return entry{fmt.Sprint("d", i), page(i), fmt.Sprint("post ", i), "", ""} }),
		}, "post 6"},
		"a site that moves with guids and links": {[][]entry{
			many(20, func(i int) entry { return entry{page(i), page(i), fmt.Sprint("post ", i), "", fmt.Sprint(long, i)} }),
			many(21, func(i int) entry {
				return entry{page(i + 1000), page(i + 1000), fmt.Sprint("post ", i), "", fmt.Sprint(long, i)}
			}),
		}, "post 21"},
		"dates made anew at each fetch": {[][]entry{
			many(3, func(i int) entry { e := one(i); e.date = "Sat, 01 Jan 2000 00:00:00 GMT"; return e }),
			many(4, func(i int) entry { e := one(i); e.date = "Sat, 01 Jan 2000 01:00:00 GMT"; return e }),
			many(4, func(i int) entry { e := one(i); e.date = "Sat, 01 Jan 2000 02:00:00 GMT"; return e }),
		}, "post 4"},
		"items that vanish and come back": {[][]entry{many(5, one), many(2, one), {}, many(5, one), many(6, one)}, "post 6"},
		"an edited title":                 {[][]entry{{one(1)}, {{"id-1", page(1), "better", "", ""}}}, ""},
		"links through http, www, campaigns": {[][]entry{
			{{"", "http://site.example/a", "a", "", ""}},
			{{"", "https://www.site.example/a/?utm_source=rss&amp;fbclid=x", "a", "", ""}},
			{{"", "https://site.example/a?UTM_CAMPAIGN=y", "a, edited", "", ""}},
		}, ""},
		"a page that is news again under its own name": {[][]entry{
			{{"1", "https://site.example/", "Daily", "", "one"}}, {{"2", "https://site.example/", "Daily", "", "two"}},
		}, "Daily"},
		"one link for all": {[][]entry{
			many(2, func(i int) entry { return entry{"", "https://site.example/", fmt.Sprint("post ", i), "", ""} }),
			many(3, func(i int) entry { return entry{"", "https://site.example/", fmt.Sprint("post ", i), "", ""} }),
		}, "post 3"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				s, in := new(site), new(enginetest.Intake)
				for _, revision := range tt.revisions {
					s.show(revision...)
					enginetest.RunFor(t, enginetest.Build(t, feed.Kind(), configured(nil), s.setup(t)), in, time.Hour)
				}
				expect(t, "signals", titles(in), tt.want)
			})
		})
	}
}

func rebuilt(i int) entry {
	return entry{fmt.Sprint("new", i), fmt.Sprint("https://site.example/n/", i), fmt.Sprint("rebuilt ", i), "", ""}
}

func TestHoldsAFlood(t *testing.T) {
	t.Parallel()
	old := func(i int) entry {
		return entry{fmt.Sprint("old", i), fmt.Sprint("https://site.example/o/", i), fmt.Sprint("old ", i), "", ""}
	}
	for name, tt := range map[string]struct {
		above string
		flood []entry
		want  int
		held  bool
	}{
		"a few":                          {"auto", append(many(3, rebuilt), many(20, old)...), 3, false},
		"more than ever":                 {"auto", append(many(40, rebuilt), many(20, old)...), 0, true},
		"everything is new":              {"auto", many(8, rebuilt), 0, true},
		"everything, which is little":    {"auto", many(3, rebuilt), 3, false},
		"the operator expects it":        {"never", many(40, rebuilt), 40, false},
		"the operator has set a number":  {"2", append(many(3, rebuilt), many(20, old)...), 0, true},
		"and it is not more than it was": {"40", many(40, rebuilt), 40, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				s, in := new(site), new(enginetest.Intake)
				config := configured(nil)
				if err := config.HoldAbove.UnmarshalText([]byte(tt.above)); err != nil {
					t.Fatal(err)
				}
				s.show(many(20, old)...)
				enginetest.RunFor(t, enginetest.Build(t, feed.Kind(), config, s.setup(t)), in, time.Hour)
				s.show(tt.flood...)
				for range 5 {
					enginetest.RunFor(t, enginetest.Build(t, feed.Kind(), config, s.setup(t)), in, time.Hour)
				}
				if n := len(in.Signals()); n != tt.want {
					t.Errorf("%d items, want %d", n, tt.want)
				}
				if r := in.Reports(); (len(r) == 1) != tt.held || len(r) > 1 || tt.held && !strings.Contains(r[0], "rhea resume test") {
					t.Errorf("the history says %q", r)
				}
				if !tt.held {
					return
				}
				s.show(many(21, old)...) // The publisher repairs it.
				enginetest.RunFor(t, enginetest.Build(t, feed.Kind(), config, s.setup(t)), in, time.Hour)
				expect(t, "when it is as before", titles(in), "old 21")
			})
		})
	}
}

// What the operator releases is posted, a few at a time, and then the feed is watched again.
func TestIsReleased(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s, in := new(site), new(enginetest.Intake)
		run := func() {
			enginetest.RunFor(t, enginetest.Build(t, feed.Kind(), configured(nil), s.setup(t)), in, time.Hour)
		}
		s.add("0")
		run()
		s.show(many(25, rebuilt)...)
		run()
		expect(t, "held", titles(in), "")
		stream := engine.HoldStream("test") + "/test"
		value, err := in.Position(t.Context(), stream)
		if hold, held := engine.ParseHold(value); err != nil || !held || !strings.Contains(hold.Reason, "25 new items") {
			t.Errorf("the hold is %q, %v", value, err)
		}
		run()
		expect(t, "still held", titles(in), "")
		if err := in.Advance(t.Context(), engine.Position{Stream: stream}); err != nil { // As rhea resume does.
			t.Fatal(err)
		}
		run()
		if n := len(in.Signals()); n != 25 {
			t.Errorf("%d items were posted, want 25", n)
		}
		s.show(many(60, func(i int) entry { e := rebuilt(i); e.guid += "x"; e.link += "x"; return e })...)
		run()
		if r := in.Reports(); len(r) != 2 || len(in.Signals()) != 25 {
			t.Errorf("the next flood: %d items, the history says %q", len(in.Signals()), r)
		}
	})
}

// A long pause explains much news.
func TestAfterAHoliday(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s, in := new(site), new(enginetest.Intake)
		dated := func(i int) entry {
			return entry{fmt.Sprint(i), "", fmt.Sprint("post ", i),
				time.Date(1999, 12, 1, i, 0, 0, 0, time.UTC).Format(time.RFC1123Z), ""}
		}
		<-time.After(time.Until(time.Date(2000, 1, 1, 0, 30, 0, 0, time.UTC)))
		config := configured(func(c *feed.Config) { c.MaxItems = 100 })
		s.show(many(31*24, dated)[:20]...)
		enginetest.RunFor(t, enginetest.Build(t, feed.Kind(), config, s.setup(t)), in, time.Hour)
		<-time.After(2 * 24 * time.Hour)
		s.show(many(33*24, dated)[:40]...)
		enginetest.RunFor(t, enginetest.Build(t, feed.Kind(), config, s.setup(t)), in, time.Hour)
		if n := len(in.Signals()); n != 40 {
			t.Errorf("%d items after two days at one an hour, want 40: %q", n, in.Reports())
		}
	})
}

func TestFirstRunSince(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s, in := new(site), new(enginetest.Intake)
		s.show(entry{"4", "", "undated", "", ""},
			entry{"3", "", "at", "Sat, 20 Nov 1999 00:00:00 GMT", ""},
			entry{"2", "", "after", "Sun, 21 Nov 1999 00:00:00 GMT", ""},
			entry{"1", "", "before", "Fri, 19 Nov 1999 23:59:59 GMT", ""})
		config := configured(func(c *feed.Config) { c.FirstRun = "since 1999-11-20" })
		enginetest.RunFor(t, enginetest.Build(t, feed.Kind(), config, s.setup(t)), in, time.Hour)
		expect(t, "signals", titles(in), "after,at")
		expect(t, "backlog", guids(in.Backlog()), "1 4")
	})
}

// All of a long feed is wanted: that is no flood.
func TestFirstRunOfAll(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s, in := new(site), new(enginetest.Intake)
		s.show(many(95, rebuilt)...)
		config := configured(func(c *feed.Config) { c.FirstRun = "all" })
		for range 10 {
			enginetest.RunFor(t, enginetest.Build(t, feed.Kind(), config, s.setup(t)), in, 15*time.Minute)
		}
		if n := len(in.Signals()); n != 95 || len(in.Reports()) > 0 {
			t.Errorf("%d of 95 items, the history says %q", n, in.Reports())
		}
	})
}

// A feed far longer than any memory of it is neither doubled nor held.
func TestOfFiftyThousand(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s, in := new(site), new(enginetest.Intake)
		s.show(many(50_000, func(i int) entry { return entry{guid: fmt.Sprint("i", i), title: fmt.Sprint(i)} })...)
		run := func() {
			enginetest.RunFor(t, enginetest.Build(t, feed.Kind(), configured(nil), s.setup(t)), in, 5*time.Minute)
		}
		run()
		if n := len(in.Backlog()); n == 0 || n > 5000 {
			t.Errorf("%d items are remembered, want at most 5000", n)
		}
		s.show(many(50_001, func(i int) entry { return entry{guid: fmt.Sprint("i", i), title: fmt.Sprint(i)} })...)
		run()
		expect(t, "signals", titles(in), "50001")
		if p, err := in.Position(t.Context(), "test"); err != nil || len(p) > 16<<10 {
			t.Errorf("the position is %d bytes long, %v", len(p), err)
		}
	})
}
