package bot_test

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"rhea/engine"
)

// slowDisk takes a moment for each commit.
type slowDisk struct{ engine.Ledger }

func (l slowDisk) Commit(ctx context.Context, e engine.Entry) (bool, error) {
	<-time.After(time.Second)
	return l.Ledger.Commit(ctx, e)
}

// TestBudgetsAtOnce has eight items on their way at once: what is about to be committed counts.
func TestBudgetsAtOnce(t *testing.T) {
	t.Parallel()
	three := []engine.Rate{{Count: 3, Per: time.Hour}}
	for name, tt := range map[string]struct {
		rule, identity []engine.Rate
		same           bool
		want           int
	}{
		"the rule's":       {three, nil, false, 3},
		"the identity's":   {nil, three, false, 3},
		"of the same text": {nil, nil, true, 1},
		"none":             {nil, nil, false, 8},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				b := newBench()
				b.store, b.flood = slowDisk{b.ledger}, tt.identity
				b.rule.FloodStop, b.rule.RepeatAfter, b.rule.Concurrency = tt.rule, time.Hour, 8
				b.rule.Steps[0].Action = repeater()
				b.script.then = func(ctx context.Context, in engine.Intake) {
					var all sync.WaitGroup
					for i := range 8 {
						text := fmt.Sprint("text ", i)
						if tt.same {
							text = "text"
						}
						all.Go(func() {
							if err := in.Emit(ctx, item(fmt.Sprint(i), text)); err != nil {
								t.Error(err)
							}
						})
					}
					all.Wait()
				}
				b.run(t, time.Minute)
				if n := b.watcher.count(engine.Fired); n != tt.want {
					t.Errorf("%d were published, want %d: %v", n, tt.want, b.watcher.outcomes())
				}
			})
		})
	}
}

// TestOneAuthorAtOnce has an author write four times at the same moment: what is about to be committed counts.
func TestOneAuthorAtOnce(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		bench func() *bench
		text  string
		want  int
	}{
		"patience": {func() *bench {
			b := newBench()
			b.rule.Patience = engine.Patience{Answers: 1, Break: 8 * time.Hour}
			return b
		}, "hello", 1},
		"stop is confirmed once": {wordBench, "stop", 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				b := tt.bench()
				b.store, b.rule.Concurrency = slowDisk{b.ledger}, 8
				b.script = &script{done: make(chan struct{}), then: func(ctx context.Context, in engine.Intake) {
					var all sync.WaitGroup
					for i := range 4 {
						s := eventSignal(note(t, strangerKey, tt.text, time.Now().Add(time.Duration(-i)*time.Second)), fine)
						s.Direct = true
						all.Go(func() {
							if err := in.Emit(ctx, s); err != nil {
								t.Error(err)
							}
						})
					}
					all.Wait()
				}}
				b.run(t, time.Minute)
				if n := b.watcher.count(engine.Fired); n != tt.want {
					t.Errorf("%d answers, want %d: %v", n, tt.want, b.watcher.outcomes())
				}
			})
		})
	}
}
