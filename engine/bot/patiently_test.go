package bot_test

import (
	"context"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"rhea/engine"
)

// TestAMachineThatStoodStillLosesNothing has the evaluations of a signal that is claimed whatever the verdict abandoned,
// now and then or always. Those of an event are not tried again.
func TestAMachineThatStoodStillLosesNothing(t *testing.T) {
	t.Parallel()
	slow := fmt.Errorf("condition: %w", engine.ErrAbandoned)
	stands := func(left *int) bool { *left--; return *left >= 0 }
	for place, set := range map[string]func(r *engine.Rule, left *int){
		"condition": func(r *engine.Rule, left *int) {
			r.If = condition(func(string) (bool, error) {
				if stands(left) {
					return false, slow
				}
				return true, nil
			})
		},
		"dedupe": func(r *engine.Rule, left *int) { r.Dedupe = slowText(left, slow) },
		"group":  func(r *engine.Rule, left *int) { r.Group = slowText(left, slow) },
		"if of an action": func(r *engine.Rule, left *int) {
			r.Steps[0].If = engine.NewCondition("test", func(engine.Data) (bool, error) {
				if stands(left) {
					return false, slow
				}
				return true, nil
			})
		},
		"action": func(r *engine.Rule, left *int) {
			r.Steps[0].Action = actionFunc(func(context.Context, engine.Run) (engine.Result, error) {
				if stands(left) {
					return engine.Result{}, slow
				}
				return engine.Result{Drafts: []engine.Draft{{Kind: 1, Content: "said"}}}, nil
			})
		},
	} {
		for _, tt := range []struct {
			event bool
			slow  int
			fires bool
		}{{false, 1, true}, {false, 2, true}, {false, 3, false}, {false, 99, false}, {true, 1, false}} {
			t.Run(fmt.Sprintf("%s, %d times, an event %v", place, tt.slow, tt.event), func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) {
					s := engine.Signal{Key: "item", Time: time.Now(), Data: &noteData{Text: "hello"}}
					if tt.event {
						s = eventSignal(note(t, strangerKey, "hello", time.Now()), fine)
					}
					b, left := newBench(s), tt.slow
					set(&b.rule, &left)
					b.run(t, time.Minute)
					if err := b.script.errs[0]; err != nil {
						t.Errorf("it is emitted again: %v", err)
					}
					if got := b.watcher.outcomes(); len(got) != 1 || (got[0] == engine.Fired) != tt.fires {
						t.Errorf("outcomes %v", got)
					}
				})
			})
		}
	}
}

func slowText(left *int, slow error) engine.Text {
	return engine.NewText("test", func(engine.Data) (string, error) {
		if *left--; *left >= 0 {
			return "", slow
		}
		return "fine", nil
	})
}
