package bot_test

import (
	"context"
	"sync"
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
		atOnce bool
		want   int
	}{
		"a second copy":      {"", 2, false, 1},
		"two copies at once": {"", 2, true, 1},
		"a held rule":        {"yes", 1, false, 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				b, runs := newBench(), 0
				b.rule.Steps[0].Action = actionFunc(func(context.Context, engine.Run) (engine.Result, error) {
					runs++
					<-time.After(time.Second)
					return engine.Result{}, nil
				})
				if err := b.ledger.Advance(t.Context(), engine.Position{Stream: engine.HoldStream("rule"), Value: tt.hold}); err != nil {
					t.Fatal(err)
				}
				e := note(t, strangerKey, "hello", time.Now())
				b.rule.Concurrency = 2
				b.script.then = func(ctx context.Context, in engine.Intake) {
					var copies sync.WaitGroup
					for range tt.copies {
						copies.Go(func() {
							if err := in.Emit(ctx, eventSignal(e, fine)); err != nil {
								t.Error(err)
							}
						})
						if !tt.atOnce {
							copies.Wait()
						}
					}
					copies.Wait()
				}
				b.run(t, time.Second)
				if runs != tt.want {
					t.Errorf("the action ran %d times, want %d", runs, tt.want)
				}
			})
		})
	}
}

// TestHowLongAClaimStands answers an event and asks for its claim much later.
func TestHowLongAClaimStands(t *testing.T) {
	t.Parallel()
	const day = 24 * time.Hour
	for name, tt := range map[string]struct {
		maxAge time.Duration
		dedupe bool
		after  time.Duration
		want   bool
	}{
		"within a month":               {15 * time.Minute, false, 29 * day, true},
		"after that":                   {15 * time.Minute, false, 31 * day, false},
		"twice the age that is wanted": {100 * day, false, 199 * day, true},
		"of any age":                   {0, false, 1000 * day, true},
		"a key of the rule's own":      {15 * time.Minute, true, 1000 * day, true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				s := eventSignal(note(t, strangerKey, "hello", time.Now()), fine)
				b, key := newBench(s), s.Key
				b.rule.MaxAge = tt.maxAge
				if tt.dedupe {
					b.rule.Dedupe = engine.NewText("test", func(engine.Data) (string, error) { return "mine", nil })
					key = "dedupe:mine"
				}
				b.run(t, time.Second)
				<-time.After(tt.after)
				if seen, err := b.ledger.Seen(t.Context(), "rule", key); err != nil || seen != tt.want {
					t.Errorf("Seen = %v, %v, want %v", seen, err, tt.want)
				}
			})
		})
	}
}
