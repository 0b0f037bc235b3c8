package bot_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"rhea/engine"
)

// TestBusyIsNoVerdict: what could not be worked out because this machine is busy is handed back to the trigger, without
// a claim and without a line of history. Emitted again it is answered.
func TestBusyIsNoVerdict(t *testing.T) {
	t.Parallel()
	busy := fmt.Errorf("condition: %w", engine.ErrBusy)
	text := func(fail *int) engine.Text {
		return engine.NewText("test", func(engine.Data) (string, error) {
			if *fail--; *fail >= 0 {
				return "", busy
			}
			return "fine", nil
		})
	}
	for name, set := range map[string]func(r *engine.Rule, fail *int){
		"condition": func(r *engine.Rule, fail *int) {
			r.If = condition(func(string) (bool, error) {
				*fail--
				if *fail >= 0 {
					return false, busy
				}
				return true, nil
			})
		},
		"dedupe": func(r *engine.Rule, fail *int) { r.Dedupe = text(fail) },
		"group":  func(r *engine.Rule, fail *int) { r.Group = text(fail) },
		"action": func(r *engine.Rule, fail *int) {
			*fail *= 3 // An action is tried three times at once.
			content := text(fail)
			r.Steps = []engine.Step{{Kind: "say", Action: actionFunc(func(_ context.Context, run engine.Run) (engine.Result, error) {
				s, err := content.Eval(run.Data)
				if err != nil {
					return engine.Result{}, fmt.Errorf("content: %w", err)
				}
				return engine.Result{Drafts: []engine.Draft{{Kind: 1, Content: s}}}, nil
			})}}
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				s := eventSignal(note(t, strangerKey, "hello", time.Now()), fine)
				b := newBench(s, s)
				fail := 1
				set(&b.rule, &fail)
				b.run(t, time.Second)
				if err := b.script.errs[0]; !errors.Is(err, engine.ErrBusy) {
					t.Errorf("the first time: %v", err)
				}
				if err := b.script.errs[1]; err != nil {
					t.Errorf("the second time: %v", err)
				}
				if got := b.watcher.outcomes(); len(got) != 1 || got[0] != engine.Fired {
					t.Errorf("outcomes %v", got)
				}
			})
		})
	}
}
