package bot_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"rhea/engine"
)

// TestWhatFailedRunsAgain keeps what failed, runs it again when the operator says so, once, and keeps nothing of what
// fired or was not verified.
func TestWhatFailedRunsAgain(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		event, condition, goesOn bool
		kept                     bool
		// no is what the condition says when nothing is broken any more.
		no bool
	}{
		"an item whose action fails":      {kept: true},
		"an item whose condition fails":   {condition: true, kept: true},
		"an item that is not wanted then": {condition: true, kept: true, no: true},
		"an event whose action fails":     {event: true, kept: true},
		"an event whose condition fails":  {event: true, condition: true},
		"one whose other actions went on": {goesOn: true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				s := engine.Signal{Key: "item", Time: time.Now(), Data: &noteData{Text: "hello"}}
				if tt.event {
					s = eventSignal(note(t, strangerKey, "hello", time.Now()), fine)
				}
				b, broken := newBench(s), true
				if tt.condition {
					b.rule.If = condition(func(string) (bool, error) {
						if broken {
							return false, errors.New("broken")
						}
						return !tt.no, nil
					})
				} else {
					said := b.rule.Steps[0]
					b.rule.Steps[0] = engine.Step{Kind: "fail", Continue: tt.goesOn, Action: actionFunc(func(context.Context, engine.Run) (engine.Result, error) {
						if broken {
							return engine.Result{}, errors.New("broken")
						}
						return engine.Result{}, nil
					})}
					b.rule.Steps = append(b.rule.Steps, said)
				}
				b.script.then = func(ctx context.Context, _ engine.Intake) {
					positions, err := b.ledger.Positions(ctx, engine.FailureStream("rule", ""))
					all := engine.ParseFailures("rule", positions)
					if err != nil || len(all) > 0 != tt.kept {
						t.Fatalf("kept is %q, %v", positions, err)
					}
					if !tt.kept {
						return
					}
					again, err := all[0].Again("rule", time.Now())
					if err != nil {
						t.Fatal(err)
					}
					broken = false
					for i := range 2 {
						fresh, err := b.ledger.Commit(ctx, again)
						if err != nil || fresh != (i == 0) {
							t.Errorf("order %d is fresh: %v, %v", i+1, fresh, err)
						}
					}
					b.engine.Reran("rule")
				}
				b.run(t, 3*time.Minute)
				if value, err := b.ledger.Position(t.Context(), engine.FailureStream("rule", s.Key)); value != "" || err != nil {
					t.Errorf("still kept is %q, %v", value, err)
				}
				want := 0
				if tt.kept && !tt.no || tt.goesOn {
					want = 1
				}
				if n := len(b.wire.sent); n != want {
					t.Errorf("%d notes were sent, want %d; outcomes %v", n, want, b.watcher.outcomes())
				}
			})
		})
	}
}
