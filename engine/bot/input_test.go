package bot_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/nbd-wtf/go-nostr"

	"rhea/engine"
)

// TestHostileEvents hands in what no expression should ever see.
func TestHostileEvents(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		event nostr.Event
		want  engine.Outcome
	}{
		"ordinary":        {nostr.Event{Content: strings.Repeat("x", 64<<10)}, engine.Fired},
		"a long text":     {nostr.Event{Content: strings.Repeat("x", 64<<10+1)}, engine.RateLimited},
		"many tags":       {nostr.Event{Tags: slices.Repeat(nostr.Tags{{"p", "x"}}, 6000)}, engine.RateLimited},
		"many values":     {nostr.Event{Tags: nostr.Tags{slices.Repeat(nostr.Tag{"p"}, 30_000)}}, engine.RateLimited},
		"a long value":    {nostr.Event{Tags: nostr.Tags{{"p", strings.Repeat("x", 64<<10+1)}}}, engine.RateLimited},
		"long values":     {nostr.Event{Tags: slices.Repeat(nostr.Tags{{"p", strings.Repeat("x", 60<<10)}}, 5)}, engine.RateLimited},
		"a follow list":   {nostr.Event{Tags: slices.Repeat(nostr.Tags{{"p", strings.Repeat("a", 64)}}, 2000)}, engine.Fired},
		"tags of nothing": {nostr.Event{Tags: nostr.Tags{{}, {""}}}, engine.Fired},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				e := tc.event
				e.CreatedAt = nostr.Now()
				if err := e.Sign(strangerKey); err != nil {
					t.Fatal(err)
				}
				looked := false
				b := newBench(eventSignal(&e, fine))
				look := func(engine.Data) (string, error) { looked = true; return "", nil }
				b.rule.Dedupe, b.rule.Group = engine.NewText("dedupe", look), engine.NewText("group", look)
				b.rule.If = condition(func(string) (bool, error) { looked = true; return true, nil })
				b.run(t, time.Second)
				if got := b.watcher.outcomes(); !slices.Equal(got, []engine.Outcome{tc.want}) {
					t.Errorf("outcomes = %v, want %s", got, tc.want)
				}
				if looked != (tc.want == engine.Fired) {
					t.Errorf("an expression looked at it: %v", looked)
				}
			})
		})
	}
}

// TestNoKeyLeaves puts a secret key into everything that a stranger or an operator may write: anybody's nsec, and the
// bot's own key in hex.
func TestNoKeyLeaves(t *testing.T) {
	t.Parallel()
	t.Run("nsec", func(t *testing.T) {
		t.Parallel()
		noKeyLeaves(t, "nsec1vl029mgpspedva04g90vltkh6fvh240zqtv9k0t9af8935ke9laqsnlfe5")
	})
	t.Run("hex", func(t *testing.T) {
		t.Parallel()
		noKeyLeaves(t, botKey)
	})
}

func noKeyLeaves(t *testing.T, marker string) {
	for name, change := range map[string]func(b *bench){
		"in the text": func(b *bench) { b.rule.Steps = []engine.Step{{Kind: "say", Action: say("it is " + marker)}} },
		"in a tag": func(b *bench) {
			b.rule.Steps = []engine.Step{{Kind: "say", Action: actionFunc(func(context.Context, engine.Run) (engine.Result, error) {
				return engine.Result{Drafts: []engine.Draft{{Kind: 1, Tags: nostr.Tags{{"r", "x" + marker}}}}}, nil
			})}}
		},
		"in a key":       func(b *bench) { b.script.signals[0].Key = marker },
		"in a condition": func(b *bench) { b.rule.If = condition(func(string) (bool, error) { return false, errors.New(marker) }) },
		"in a dedupe key": func(b *bench) {
			b.rule.Dedupe = engine.NewText("x", func(engine.Data) (string, error) { return marker, nil })
		},
		"in a group": func(b *bench) {
			b.rule.Group = engine.NewText("x", func(engine.Data) (string, error) { return "", errors.New(marker) })
		},
		"in a signature's fault": func(b *bench) { b.script.signals[0].Verify = func() error { return errors.New(marker) } },
		"in an action's fault": func(b *bench) {
			b.rule.Steps = []engine.Step{{Kind: "say", Action: failing(marker)}}
		},
		"in a relay's refusal": func(b *bench) {
			b.wire.answer = func(string, nostr.Event, int) error { return &engine.Rejection{Reason: "blocked: " + marker} }
		},
		"in a relay's fault": func(b *bench) {
			b.wire.answer = func(string, nostr.Event, int) error { return errors.New("error: no " + marker) }
		},
		"in what an action notes": func(b *bench) {
			b.rule.Steps = []engine.Step{{Kind: "say", Action: actionFunc(func(context.Context, engine.Run) (engine.Result, error) {
				return engine.Result{Note: "the server said " + marker, Output: map[string]any{"body": marker}}, nil
			})}}
		},
		"in what a trigger reports": func(b *bench) {
			b.script.then = func(ctx context.Context, in engine.Intake) {
				_ = in.Report(ctx, engine.Held, marker, marker) // The history tells.
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				b := newBench(eventSignal(note(t, strangerKey, "hello "+marker, time.Now()), fine))
				change(b)
				b.run(t, time.Minute)
				history, err := b.ledger.History(t.Context(), engine.HistoryQuery{})
				if err != nil || len(b.watcher.decisions) == 0 {
					t.Fatal(err, b.watcher.decisions)
				}
				var owed []engine.Delivery
				for d, err := range b.ledger.Deliveries(t.Context()) {
					if err != nil {
						t.Error(err)
					}
					owed = append(owed, d)
				}
				if all := fmt.Sprint(history, b.watcher.decisions, b.watcher.settled, b.wire.sent, owed); strings.Contains(all, marker) {
					t.Errorf("a key leaves: %s", all)
				}
			})
		})
	}
}

func failing(text string) engine.Action {
	return actionFunc(func(context.Context, engine.Run) (engine.Result, error) { return engine.Result{}, errors.New(text) })
}
