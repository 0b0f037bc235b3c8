package bot_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"rhea/engine"
)

// start is one start of a bot with a rule as it is then.
type start struct {
	fingerprint string
	// works says that the action does its work, deaf that the trigger does not ask for what failed, held that the rule is
	// held, later how long after the start before it comes.
	works, deaf, held, dry bool
	later                  time.Duration
	// offered are the keys that the trigger gets to know, sent how many notes have gone out in the end.
	offered string
	sent    int
}

// TestChangedRule starts a bot again and again: what failed is offered when the rule has become another one, once.
func TestChangedRule(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		event  bool
		change func(*engine.Rule)
		starts []start
		// says are the outcomes and reasons of the key, oldest first, as far as they are told here.
		says []string
	}{
		"mended": {
			starts: []start{{fingerprint: "a"}, {fingerprint: "b", works: true, offered: "item", sent: 1}, {fingerprint: "c", works: true, sent: 1}},
			says: []string{
				"action_error action 1 (say): broken", "rerun runs again after action_error: the rule has changed since",
				"fired run again after action_error at 2000-01-01T00:00:00Z: the rule has changed since",
			},
		},
		"not changed": {starts: []start{{fingerprint: "a"}, {fingerprint: "a", works: true}}},
		"still broken": {
			starts: []start{
				{fingerprint: "a"}, {fingerprint: "b", offered: "item"}, {fingerprint: "b", works: true},
				{fingerprint: "c", works: true, offered: "item", sent: 1},
			},
		},
		"changed back":           {starts: []start{{fingerprint: "a"}, {fingerprint: "b", offered: "item"}, {fingerprint: "a", works: true, offered: "item", sent: 1}}},
		"changed back unnoticed": {starts: []start{{fingerprint: "a"}, {fingerprint: "b", deaf: true}, {fingerprint: "a", works: true}}},
		"from a version that kept no fingerprint": {
			starts: []start{{}, {fingerprint: "a", works: true}, {fingerprint: "b", works: true}},
		},
		"to one that has none":   {starts: []start{{fingerprint: "a"}, {works: true}, {fingerprint: "b", works: true, offered: "item", sent: 1}}},
		"an event":               {event: true, starts: []start{{fingerprint: "a"}, {fingerprint: "b", works: true}}},
		"a kind that never asks": {change: func(r *engine.Rule) { r.Triggers[0].Kind.Reruns = false }, starts: []start{{fingerprint: "a"}, {fingerprint: "b", works: true}}},
		"young enough": {
			change: func(r *engine.Rule) { r.MaxAge = time.Hour },
			starts: []start{{fingerprint: "a"}, {fingerprint: "b", works: true, later: 50 * time.Minute, offered: "item", sent: 1}},
		},
		"too old": {
			change: func(r *engine.Rule) { r.MaxAge = time.Hour },
			starts: []start{
				{fingerprint: "a"}, {fingerprint: "b", works: true, later: 2 * time.Hour, offered: "item"}, {fingerprint: "b", works: true},
			},
			says: []string{"action_error", "rerun", "too_old 2h1m old, max_age is 1h"},
		},
		"held": {
			change: func(r *engine.Rule) { r.MaxAge = time.Hour },
			starts: []start{
				{fingerprint: "a"}, {fingerprint: "b", works: true, held: true, offered: "item"},
				{fingerprint: "b", works: true, later: 3 * time.Hour, sent: 1}, // It was young enough when it was offered.
			},
		},
		"over a limit": {
			change: func(r *engine.Rule) {
				r.Limit = engine.Limit{Rate: []engine.Rate{{Count: 1, Per: 24 * time.Hour}}, Queue: true}
			},
			// What failed has taken its turn.
			starts: []start{
				{fingerprint: "a"}, {fingerprint: "b", works: true, offered: "item"}, {fingerprint: "b", works: true, later: 25 * time.Hour, sent: 1},
			},
		},
		"another key was tried": {
			change: func(r *engine.Rule) {
				r.Dedupe = engine.NewText("test", func(engine.Data) (string, error) { return "", errors.New("broken") })
			},
			starts: []start{{fingerprint: "a"}, {fingerprint: "b", works: true}},
		},
		"its own key": {
			change: func(r *engine.Rule) {
				r.Dedupe = engine.NewText("test", func(engine.Data) (string, error) { return "own", nil })
			},
			starts: []start{{fingerprint: "a"}, {fingerprint: "b", works: true, offered: "dedupe:own", sent: 1}},
		},
		"a dry run": {starts: []start{{fingerprint: "a"}, {fingerprint: "b", works: true, dry: true}, {fingerprint: "b", works: true, offered: "item", sent: 1}}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				s := engine.Signal{Key: "item", Time: time.Now(), Data: &noteData{Text: "hello"}}
				if tt.event {
					s = eventSignal(note(t, strangerKey, "hello", time.Now()), fine)
				}
				b := newBench(s)
				b.rule.Triggers[0].Kind.Reruns = true
				if tt.change != nil {
					tt.change(&b.rule)
				}
				for i, at := range tt.starts {
					<-time.After(at.later)
					b.again(t, i, at)
				}
				b.tells(t, tt.says)
			})
		})
	}
}

// again starts the bot once more.
func (b *bench) again(t *testing.T, n int, at start) {
	t.Helper()
	if n > 0 {
		b.script.signals = nil
	}
	b.script.done, b.dry, b.rule.Fingerprint = make(chan struct{}), at.dry, at.fingerprint
	b.rule.Steps = []engine.Step{{Kind: "say", Action: actionFunc(func(ctx context.Context, run engine.Run) (engine.Result, error) {
		if !at.works {
			return engine.Result{}, errors.New("broken")
		}
		return say("hi").Act(ctx, run)
	})}}
	hold := engine.Position{Stream: engine.HoldStream("rule")}
	if at.held {
		hold = engine.Hold{Since: time.Now(), Reason: "by hand"}.Position("rule")
	}
	if err := b.ledger.Advance(t.Context(), hold); err != nil {
		t.Fatal(err)
	}
	var offered []string
	b.script.then = func(ctx context.Context, in engine.Intake) {
		if at.deaf {
			return
		}
		if err := in.Failed(ctx, func(key string, d engine.Data) {
			if d.(*noteData).Text != "hello" {
				t.Errorf("the data of %s is %v", key, d)
			}
			offered = append(offered, key)
		}); err != nil {
			t.Error(err)
		}
		for _, key := range append(offered, offered...) { // Twice does no harm.
			if err := in.Rerun(ctx, key); err != nil {
				t.Error(err)
			}
		}
	}
	b.run(t, time.Minute)
	if got := strings.Join(offered, " "); got != at.offered {
		t.Errorf("start %d was offered %q, want %q", n+1, got, at.offered)
	}
	if got := len(b.wire.sent); got != at.sent {
		t.Errorf("after start %d, %d notes were sent, want %d; outcomes %v", n+1, got, at.sent, b.watcher.outcomes())
	}
}

// tells compares the history with how its lines begin, oldest first.
func (b *bench) tells(t *testing.T, want []string) {
	t.Helper()
	all, err := b.ledger.History(t.Context(), engine.HistoryQuery{})
	if err != nil {
		t.Fatal(err)
	}
	for i, w := range want {
		d := all[len(all)-1-i]
		if got := fmt.Sprintf("%s %s", d.Outcome, d.Reason); !strings.HasPrefix(got, w) {
			t.Errorf("line %d of the history is %q, want %q", i+1, got, w)
		}
	}
}

// TestChangedRuleCrash kills the bot between the offer and the run: the item runs once at the next start.
func TestChangedRuleCrash(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := newBench(engine.Signal{Key: "item", Time: time.Now(), Data: &noteData{Text: "hello"}})
		b.rule.Triggers[0].Kind.Reruns = true
		b.again(t, 0, start{fingerprint: "a"})
		b.again(t, 1, start{fingerprint: "b", held: true, offered: "item"}) // It was offered and has not run.
		b.again(t, 2, start{fingerprint: "b", works: true, sent: 1})
		b.again(t, 3, start{fingerprint: "c", works: true, sent: 1})
	})
}

// TestRerunMeetsChange has an operator order what the changed rule was offered: it is published once.
func TestRerunMeetsChange(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := newBench(engine.Signal{Key: "item", Time: time.Now(), Data: &noteData{Text: "hello"}})
		b.rule.Triggers[0].Kind.Reruns = true
		b.again(t, 0, start{fingerprint: "a"})
		positions, err := b.ledger.Positions(t.Context(), engine.FailureStream("rule", ""))
		if err != nil {
			t.Fatal(err)
		}
		order, err := engine.ParseFailures("rule", positions)[0].Again("rule", time.Now()) // It was read before the offer.
		if err != nil {
			t.Fatal(err)
		}
		b.again(t, 1, start{fingerprint: "b", works: true, offered: "item", sent: 1})
		if fresh, err := b.ledger.Commit(t.Context(), order); fresh || err != nil {
			t.Errorf("the order is fresh: %v, %v", fresh, err)
		}
		b.again(t, 2, start{fingerprint: "b", works: true, sent: 1})
	})
}
