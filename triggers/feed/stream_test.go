package feed_test

import (
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"rhea/engine"
	"rhea/engine/enginetest"
	"rhea/triggers/feed"
)

const secondFeed = "https://second.example/feed.xml"

// both shows the entries on one site, and nothing new on the second.
func (s *site) both(entries ...entry) {
	s.set(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Host == "second.example" {
			_, _ = w.Write([]byte(document(entry{guid: "urn:second", title: "second"})))
			return
		}
		_, _ = w.Write([]byte(document(entries...)))
	})
}

// A rule gains and loses feeds. The feeds it keeps go on where they were: what came meanwhile is news, and what is held
// back stays so.
func TestKeepsItsStateAmongOthers(t *testing.T) {
	t.Parallel()
	alone := configured(nil)
	among := configured(func(c *feed.Config) { c.URLs, c.URL = []string{alone.URL, secondFeed}, "" })
	page := func(i int) entry { e := rebuilt(i); e.guid, e.title = "old"+e.guid, "old "+e.title; return e }
	for name, configs := range map[string][]feed.Config{
		"one, then several":     {alone, among, among},
		"several, then one":     {among, alone, alone},
		"one, several, and one": {alone, among, alone},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				s, in := new(site), new(enginetest.Intake)
				run := func(config feed.Config) {
					enginetest.RunFor(t, enginetest.Build(t, feed.Kind(), config, s.setup(t)), in, time.Hour)
				}
				s.both(many(20, page)...)
				run(configs[0])
				s.both(many(21, page)...)
				run(configs[1])
				expect(t, "what came meanwhile", titles(in), page(21).title)
				s.both(many(22, page)...)
				run(configs[2])
				expect(t, "and again", titles(in), page(21).title+","+page(22).title)
			})
			synctest.Test(t, func(t *testing.T) {
				s, in := new(site), new(enginetest.Intake)
				for i, config := range configs {
					if s.both(many(20, page)...); i > 0 {
						s.both(many(40, rebuilt)...)
					}
					enginetest.RunFor(t, enginetest.Build(t, feed.Kind(), config, s.setup(t)), in, time.Hour)
				}
				if n := len(in.Signals()); n > 0 || len(in.Reports()) != 1 {
					t.Errorf("%d items of a flood are posted, the history says %q", n, in.Reports())
				}
			})
		})
	}
}

// The operator's word counts where the feed is by then.
func TestIsReleasedAmongOthers(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		alone := configured(nil)
		among := configured(func(c *feed.Config) { c.URLs, c.URL = []string{alone.URL, secondFeed}, "" })
		old := func(i int) entry { e := rebuilt(i); e.guid += "-old"; return e }
		s, in := new(site), new(enginetest.Intake)
		run := func(config feed.Config) {
			enginetest.RunFor(t, enginetest.Build(t, feed.Kind(), config, s.setup(t)), in, time.Hour)
		}
		held := func() bool {
			value, err := in.Position(t.Context(), engine.HoldStream("test")+"/test")
			if err != nil {
				t.Fatal(err)
			}
			_, held := engine.ParseHold(value)
			return held
		}
		s.both(many(20, old)...)
		run(alone)
		s.both(many(12, func(i int) entry { e := rebuilt(i + 100); return e })...)
		run(alone)
		if !held() {
			t.Fatal("the feed is not held")
		}
		run(among)
		if held() || titles(in) != "" {
			t.Errorf("among others it is held as if alone, or posts %q", titles(in))
		}
		run(alone)
		if !held() || titles(in) != "" {
			t.Errorf("alone again it is not held, or posts %q", titles(in))
		}
		if err := in.Advance(t.Context(), engine.Position{Stream: engine.HoldStream("test") + "/test"}); err != nil {
			t.Fatal(err)
		}
		run(alone)
		if n := len(in.Signals()); n != 12 {
			t.Errorf("%d items after the release, want 12", n)
		}
	})
}
