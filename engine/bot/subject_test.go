package bot_test

import (
	"log/slog"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/nbd-wtf/go-nostr"

	"rhea/engine"
	"rhea/engine/enginetest"
)

// TestHistoryTellsWhoSaidWhat: a decision names the author of the event, as the profile that was looked up for other reasons
// calls them, and begins with what was said. What is passed over by the thousand has no name.
func TestHistoryTellsWhoSaidWhat(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		condition bool
		want      engine.Outcome
		called    string
	}{"answered": {true, engine.Fired, "Ann"}, "passed over": {false, engine.ConditionFalse, ""}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				e := note(t, strangerKey, "hello bot", time.Now())
				source := new(enginetest.Source)
				source.Add(enginetest.Sign(t, strangerKey, nostr.Event{Kind: 0, Content: `{"name":"Ann"}`, CreatedAt: 1}))
				b := newBench(eventSignal(e, fine))
				b.source = source
				b.rule.If = condition(func(string) (bool, error) { return tc.condition, nil })
				var log strings.Builder
				b.log = slog.New(slog.NewTextHandler(&log, nil))
				b.run(t, time.Minute)
				if named := strings.Contains(log.String(), "msg=fired") && strings.Contains(log.String(), " author=Ann\n"); named != tc.condition {
					t.Errorf("the log names the author: %v\n%s", named, &log)
				}
				history, err := b.ledger.History(t.Context(), engine.HistoryQuery{})
				if err != nil || len(history) != 1 {
					t.Fatalf("history = %+v, %v", history, err)
				}
				want := engine.Subject{Author: e.PubKey, Name: tc.called, Words: "hello bot"}
				if d := history[0]; d.Outcome != tc.want || d.About == nil || *d.About != want {
					t.Errorf("%s is about %+v, want %+v", d.Outcome, d.About, want)
				}
			})
		})
	}
}
