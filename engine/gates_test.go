package engine_test

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"rhea/engine"
)

// TestWhatIsStoppedRunsNothing counts the runs of an action: it may have asked another server by the time that the commit
// turns the signal down.
func TestWhatIsStoppedRunsNothing(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		hold   string
		copies int
		want   int
	}{
		"a second copy": {"", 2, 1},
		"a held rule":   {"yes", 1, 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				b, runs := newBench(), 0
				b.rule.Steps[0].Action = actionFunc(func(context.Context, engine.Run) (engine.Result, error) {
					runs++
					return engine.Result{}, nil
				})
				if err := b.ledger.Advance(t.Context(), engine.Position{Stream: engine.HoldStream("rule"), Value: tt.hold}); err != nil {
					t.Fatal(err)
				}
				s := eventSignal(note(t, strangerKey, "hello", time.Now()), fine)
				for range tt.copies {
					b.script.signals = append(b.script.signals, s)
				}
				b.run(t, time.Second)
				if runs != tt.want {
					t.Errorf("the action ran %d times, want %d", runs, tt.want)
				}
			})
		})
	}
}
