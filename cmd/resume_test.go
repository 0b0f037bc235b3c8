package cmd_test

import (
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"rhea/engine"
)

// TestResumeEndsEveryHold resumes a rule that the operator, or a flood, and one of its feeds hold. A rule whose name
// begins the same is left alone.
func TestResumeEndsEveryHold(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		dir := t.TempDir()
		writeConfig(t, dir, lookYAML)
		m := newMemoir(t, dir, botSecret)
		feed := engine.Hold{Since: time.Now(), Reason: "25 new items at once"}.Position("blog")
		feed.Stream += "/blog/feed/abc"
		for _, p := range []engine.Position{
			engine.Hold{Since: time.Now(), Reason: "far too much"}.Position("blog"), feed,
			engine.Hold{Since: time.Now(), Reason: "another rule"}.Position("blog2"),
			engine.Hold{Since: time.Now(), Reason: "another rule"}.Position("blog/2"),
		} {
			if err := m.Advance(t.Context(), p); err != nil {
				t.Fatal(err)
			}
		}
		m.close()
		code, out, log := invoke(t, nil, "resume", "blog", "--state", filepath.Join(dir, "rhea.db"))
		if code != 0 || strings.Count(out, "blog goes on") != 2 || !strings.Contains(out, ": 25 new items at once\n") {
			t.Errorf("%d, %s%s", code, out, log)
		}
		m = newMemoir(t, dir, botSecret)
		held, err := m.Positions(t.Context(), "hold/")
		if err != nil || len(held) != 4 {
			t.Fatal(held, err)
		}
		for stream, value := range held {
			if _, held := engine.ParseHold(value); held != (stream == "hold/blog2" || stream == "hold/blog/2") {
				t.Errorf("%s says %q", stream, value)
			}
		}
		history, err := m.History(t.Context(), engine.HistoryQuery{Outcome: engine.Resumed})
		if err != nil || len(history) != 1 || history[0].Reason != "was held: far too much; 25 new items at once" {
			t.Errorf("the history says %+v, %v", history, err)
		}
		m.close()
	})
}
