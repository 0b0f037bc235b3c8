package bot_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"rhea/engine"
)

// TestConcurrency hands in signals of three groups at once: those of one group run in order and alone, groups run
// side by side, and never more than allowed.
func TestConcurrency(t *testing.T) {
	t.Parallel()
	const each = 5
	for name, tc := range map[string]struct {
		most  int
		group string // the same for all, as an expression may say; "" leaves the trigger's
		took  time.Duration
		side  int // how many ran side by side
	}{
		"groups side by side": {4, "", each * time.Second, 3},
		"no more than max":    {2, "", 8 * time.Second, 2},
		"one at a time":       {1, "", 3 * each * time.Second, 1},
		"one group for all":   {4, "all", 3 * each * time.Second, 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				var mu sync.Mutex
				running, side := 0, 0
				var order []string
				b := newBench()
				b.rule.Concurrency = tc.most
				if tc.group != "" {
					b.rule.Group = engine.NewText(tc.group, func(engine.Data) (string, error) { return tc.group, nil })
				}
				b.rule.Steps = []engine.Step{{Kind: "slow", Action: actionFunc(func(_ context.Context, run engine.Run) (engine.Result, error) {
					mu.Lock()
					running++
					side = max(side, running)
					order = append(order, run.Data.(*noteData).Text)
					mu.Unlock()
					<-time.After(time.Second)
					mu.Lock()
					running--
					mu.Unlock()
					return engine.Result{}, nil
				})}}
				start := time.Now()
				b.script.then = func(ctx context.Context, in engine.Intake) {
					var all sync.WaitGroup
					for n := range each {
						for _, group := range []string{"a", "b", "c"} {
							s := item(fmt.Sprint(group, n), fmt.Sprint(group, n))
							s.Group = group
							all.Go(func() {
								if err := in.Emit(ctx, s); err != nil {
									t.Error(err)
								}
							})
							synctest.Wait() // They come one after the other.
						}
					}
					all.Wait()
					if took := time.Since(start); took != tc.took {
						t.Errorf("it took %s, want %s", took, tc.took)
					}
				}
				b.run(t, time.Second)
				if side != tc.side {
					t.Errorf("%d ran side by side, want %d", side, tc.side)
				}
				for _, group := range []string{"a", "b", "c"} {
					got := slices.DeleteFunc(slices.Clone(order), func(s string) bool { return !strings.HasPrefix(s, group) })
					if !slices.IsSorted(got) || len(got) != each {
						t.Errorf("group %s ran as %v", group, got)
					}
				}
			})
		})
	}
}

// TestWaitingIsNotLost stops the engine while signals wait for their turn: the trigger is told that they were not
// stored, and after the restart each is answered once.
func TestWaitingIsNotLost(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := newBench()
		b.rule.Steps = []engine.Step{{Kind: "echo", Action: actionFunc(func(ctx context.Context, run engine.Run) (engine.Result, error) {
			select {
			case <-time.After(time.Minute):
			case <-ctx.Done():
			}
			return echo(ctx, run)
		})}}
		signals := items(0, 10)
		for i := range signals {
			signals[i].Group = "one"
		}
		b.rule.Triggers = []engine.RuleTrigger{{Kind: scripted(signals), Config: struct{}{}}}
		close(b.script.done)
		b.run(t, 150*time.Second) // Enough for two.
		if got := b.watcher.count(engine.Fired); got != 2 {
			t.Fatalf("%d fired before the restart, want 2", got)
		}
		b.run(t, time.Hour)
		if got := b.watcher.count(engine.Fired); got != 10 {
			t.Errorf("%d of 10 fired", got)
		}
	})
}
