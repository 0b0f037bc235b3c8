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

// failedItems are items of a feed that failed before its rule was changed.
func failedItems(url string, n int) (all []engine.Signal) {
	for i := range n {
		all = append(all, engine.Signal{
			Key:  fmt.Sprint("f", i+1),
			Data: &feed.Data{Item: new(feed.Item), Feed: &feed.Feed{URL: url}},
		})
	}
	return all
}

// TestFailedItems changes a rule of which items have failed: they are offered again, once, as if the feed had them new.
func TestFailedItems(t *testing.T) {
	t.Parallel()
	const url = "https://site.example/feed.xml"
	empty := func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, rss()) }
	broken := func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusInternalServerError) }
	for name, tt := range map[string]struct {
		failed []engine.Signal
		change func(*feed.Config)
		answer http.HandlerFunc // In the place of a feed that has not changed.
		fresh  []string         // What is new in it.
		// early is what runs again at the first look, and signals what else; then within an hour.
		early, signals, then string
		held                 string
	}{
		"one":       {failed: failedItems(url, 1), early: "f1", then: "f1"},
		"its order": {failed: failedItems(url, 3), early: "f1 f2 f3", then: "f1 f2 f3"},
		"max_items": {
			failed: failedItems(url, 5), change: func(c *feed.Config) { c.MaxItems = 2 }, early: "f1 f2", then: "f1 f2 f3 f4 f5",
		},
		"max_items with new ones": {
			failed: failedItems(url, 2), change: func(c *feed.Config) { c.MaxItems = 3 }, fresh: []string{"a", "b"},
			early: "f1 f2", signals: "a", then: "f1 f2",
		},
		"hold_above": {
			failed: failedItems(url, 5), change: func(c *feed.Config) { c.HoldAbove = 4 },
			held: "has 5 new items at once, and 4 are likely: none is posted until rhea resume test, or hold_above says otherwise; 5 of them failed",
		},
		"hold_above with new ones": {
			failed: failedItems(url, 3), change: func(c *feed.Config) { c.HoldAbove = 4 }, fresh: []string{"a", "b"},
			held: "; 3 of them failed before the rule was changed",
		},
		"more than is likely": {failed: failedItems(url, 11), held: "has 11 new items at once, and 10 are likely"},
		"never held": {
			failed: failedItems(url, 11), change: func(c *feed.Config) { c.HoldAbove, c.MaxItems = -1, 20 },
			early: "f1 f2 f3 f4 f5 f6 f7 f8 f9 f10 f11", then: "f1 f2 f3 f4 f5 f6 f7 f8 f9 f10 f11",
		},
		"a feed that is empty now":      {failed: failedItems(url, 1), answer: empty, early: "f1", then: "f1"},
		"a feed that cannot be read":    {failed: failedItems(url, 1), answer: broken},
		"a feed that is not read now":   {failed: failedItems("https://other.example/", 1), early: "f1", then: "f1"},
		"one of several":                {failed: failedItems("https://site.example/two", 1), change: two, early: "f1", then: "f1"},
		"the same address, another way": {failed: failedItems("http://www.site.example/feed.xml", 1), early: "f1", then: "f1"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				s, in := new(site), new(enginetest.Intake)
				s.add("old1", "old2", "old3", "old4", "old5")
				config := configured(tt.change)
				enginetest.RunFor(t, enginetest.Build(t, feed.Kind(), config, s.setup(t)), in, time.Minute)
				s.add(tt.fresh...)
				if tt.answer != nil {
					s.set(tt.answer)
				}
				in.Outdated = tt.failed
				enginetest.RunFor(t, enginetest.Build(t, feed.Kind(), config, s.setup(t)), in, time.Minute)
				expect(t, "at once it reran", strings.Join(in.Reran(), " "), tt.early)
				expect(t, "at once there are", guids(in.Signals()), tt.signals)
				enginetest.RunFor(t, enginetest.Build(t, feed.Kind(), config, s.setup(t)), in, time.Hour)
				expect(t, "within an hour it reran", strings.Join(in.Reran(), " "), tt.then)
				reports := strings.Join(in.Reports(), "\n")
				if (tt.held != "") != strings.Contains(reports, "at once") || !strings.Contains(reports, tt.held) {
					t.Errorf("the history says %q, want %q", reports, tt.held)
				}
			})
		})
	}
}

func two(c *feed.Config) {
	c.URL, c.URLs = "", []string{"https://site.example/one", "https://site.example/two"}
}

// TestFailedItemsReleased lets what is held go on.
func TestFailedItemsReleased(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s, in := new(site), new(enginetest.Intake)
		s.add("old")
		set := s.setup(t)
		enginetest.RunFor(t, enginetest.Build(t, feed.Kind(), configured(nil), set), in, time.Minute)
		in.Outdated = failedItems("https://site.example/feed.xml", 12)
		time.AfterFunc(time.Hour, func() {
			if err := in.Advance(t.Context(), engine.Position{Stream: engine.HoldStream(set.Rule) + "/" + set.Stream}); err != nil {
				t.Error(err)
			}
			expect(t, "while it is held it reran", strings.Join(in.Reran(), " "), "")
		})
		enginetest.RunFor(t, enginetest.Build(t, feed.Kind(), configured(nil), set), in, 2*time.Hour)
		if got := in.Reran(); len(got) != 12 {
			t.Errorf("it reran %q", got)
		}
	})
}
