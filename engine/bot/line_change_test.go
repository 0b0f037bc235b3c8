package bot_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"rhea/engine"
)

// TestQueueAfterAChange restarts the bot with another configuration while something waits. What cannot fire any more is
// told once and waits no longer.
func TestQueueAfterAChange(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		change  func(b *bench)
		outcome engine.Outcome
		reason  string
	}{
		"no such trigger": {func(b *bench) {
			b.rule.Triggers[0].Kind = engine.NewTriggerKind[struct{}, noteData]("other", struct{}{}, func(struct{}, engine.Setup) (engine.Trigger, error) {
				return b.script, nil
			})
		}, engine.ConditionFalse, "nothing makes it fire any more: the rule has no trigger script"},
		"an identity that cannot be told": {func(b *bench) {
			b.rule.Derived = &engine.Derived{Path: engine.NewText("path", func(engine.Data) (string, error) { return "", nil })}
		}, engine.ConditionError, "identity.path: is empty"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				before := newBench(said(t, 1, "0"), said(t, 2, "1"))
				limit := engine.Limit{Rate: []engine.Rate{{Count: 1, Per: time.Hour}}, Queue: true}
				before.rule.Limit = limit
				before.run(t, time.Minute)
				after := newBench()
				after.ledger, after.rule.Limit = before.ledger, limit
				tc.change(after)
				after.script.then = func(ctx context.Context, in engine.Intake) { <-time.After(30 * 24 * time.Hour) }
				after.run(t, 0)
				if left, err := after.ledger.Waiting(t.Context(), "rule", 0, 10); err != nil || len(left) > 0 {
					t.Errorf("still waiting: %v, %v", left, err)
				}
				d := after.watcher.decisions
				if len(d) != 1 || d[0].Outcome != tc.outcome || !strings.Contains(d[0].Reason, tc.reason) {
					t.Errorf("decisions: %+v", d)
				}
			})
		})
	}
}

// TestQueueHearsStart has a word that ends an opt-out wait as what it is to everybody else: a message.
func TestQueueHearsStart(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		start := said(t, 2, "start")
		start.Direct = true
		b := newBench(said(t, 1, "0"), start)
		b.rule.Limit = engine.Limit{Rate: []engine.Rate{{Count: 1, Per: time.Hour}}, Queue: true}
		b.rule.Steps[0].Action = repeater()
		b.rule.OptOut = &engine.OptOut{Stop: []string{"stop"}, Start: []string{"start"}}
		b.run(t, 2*time.Hour)
		if got, want := b.wire.texts(), []string{"0", "start"}; !slices.Equal(got, want) {
			t.Errorf("said %q, want %q", got, want)
		}
	})
}

// TestQueueOutlastsAHold holds the rule while what has waited is being answered.
func TestQueueOutlastsAHold(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := newBench(said(t, 1, "0"), said(t, 2, "1"))
		b.rule.Limit = engine.Limit{Rate: []engine.Rate{{Count: 1, Per: time.Hour}}, Queue: true}
		place := func(value engine.Position) {
			if err := b.ledger.Advance(t.Context(), value); err != nil {
				t.Error(err)
			}
		}
		tries := 0
		b.rule.Steps[0].Action = actionFunc(func(ctx context.Context, run engine.Run) (engine.Result, error) {
			if tries++; tries == 2 {
				place(engine.Hold{Since: time.Now(), Reason: "by hand"}.Position("rule"))
			}
			return repeater().Act(ctx, run)
		})
		b.script.then = func(context.Context, engine.Intake) {
			<-time.After(5 * time.Hour)
			if got := b.wire.texts(); len(got) != 1 {
				t.Errorf("a held rule said %q", got)
			}
			place(engine.Position{Stream: engine.HoldStream("rule")})
		}
		b.run(t, time.Hour)
		if got, want := b.wire.texts(), []string{"0", "1"}; !slices.Equal(got, want) {
			t.Errorf("said %q, want %q", got, want)
		}
	})
}

// TestQueueOutlastsWhatComesBetween has something come between a signal that may leave the queue and its answer: the
// rule is held, or somebody who need not wait takes its place.
func TestQueueOutlastsWhatComesBetween(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		between func(t *testing.T, b *bench, emit func(engine.Signal))
		want    []string
	}{
		"the rule is held": {func(t *testing.T, b *bench, _ func(engine.Signal)) {
			if err := b.ledger.Advance(t.Context(), engine.Hold{Since: time.Now(), Reason: "by hand"}.Position("rule")); err != nil {
				t.Error(err)
			}
			time.AfterFunc(5*time.Hour, func() { resume(t, b.ledger, "rule") })
		}, []string{"0", "1"}},
		"the place is taken": {func(t *testing.T, _ *bench, emit func(engine.Signal)) { emit(said(t, 1, "between")) }, []string{"0", "between", "1"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				b := newBench(said(t, 1, "0"), said(t, 2, "1"))
				b.rule.Limit = engine.Limit{Rate: []engine.Rate{{Count: 1, Per: time.Hour}}, Queue: true}
				b.rule.Steps[0].Action = repeater()
				emit, emitted := make(chan engine.Signal), make(chan error)
				b.script.then = func(ctx context.Context, in engine.Intake) {
					go func() {
						for s := range emit {
							emitted <- in.Emit(ctx, s)
						}
					}()
				}
				between := sync.OnceFunc(func() {
					tc.between(t, b, func(s engine.Signal) {
						emit <- s
						if err := <-emitted; err != nil {
							t.Error(err)
						}
					})
					close(emit)
				})
				b.rule.Triggers[0].Kind = engine.NewTriggerKind[struct{}, noteData]("script", struct{}{}, func(struct{}, engine.Setup) (engine.Trigger, error) {
					return samplerFunc{b.script, func(s engine.Sample) ([]engine.Signal, error) {
						between()
						return []engine.Signal{{Data: &noteData{Text: s.Received.Event.Content}}}, nil
					}}, nil
				})
				b.run(t, 10*time.Hour)
				if got := b.wire.texts(); !slices.Equal(got, tc.want) {
					t.Errorf("said %q, want %q; outcomes %v", got, tc.want, b.watcher.outcomes())
				}
			})
		})
	}
}

// samplerFunc is a trigger that judges samples as a function does.
type samplerFunc struct {
	*script
	sample func(engine.Sample) ([]engine.Signal, error)
}

func (s samplerFunc) Sample(_ context.Context, sample engine.Sample) ([]engine.Signal, error) {
	return s.sample(sample)
}

// TestQueuePassesWhatIsStuck has the first in the queue be something that cannot be read, or that its trigger cannot make
// again for now: those behind it go on.
func TestQueuePassesWhatIsStuck(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		unreadable bool
		errs       int // tries of Sample that fail
		want       []string
		outcome    engine.Outcome // of the first
	}{
		"cannot be read":             {true, 0, []string{"0", "2"}, engine.ActionError},
		"its trigger fails":          {false, 90, []string{"0", "2", "1"}, engine.Fired},
		"its trigger fails for ever": {false, 1 << 30, []string{"0", "2"}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				b := newBench(said(t, 1, "0"), said(t, 2, "1"), said(t, 3, "2"))
				b.rule.Limit = engine.Limit{Rate: []engine.Rate{{Count: 1, Per: time.Hour}}, Queue: true}
				b.rule.Steps[0].Action = repeater()
				b.store = &spoilt{Ledger: b.ledger, key: b.script.signals[1].Key, unreadable: tc.unreadable}
				b.rule.Triggers[0].Kind = engine.NewTriggerKind[struct{}, noteData]("script", struct{}{}, func(struct{}, engine.Setup) (engine.Trigger, error) {
					return samplerFunc{b.script, func(s engine.Sample) ([]engine.Signal, error) {
						if s.Received.Event.Content == "1" && tc.errs > 0 {
							tc.errs--
							return nil, errors.New("no relay answers")
						}
						return []engine.Signal{{Data: &noteData{Text: s.Received.Event.Content}}}, nil
					}}, nil
				})
				b.run(t, 6*time.Hour)
				if got := b.wire.texts(); !slices.Equal(got, tc.want) {
					t.Errorf("said %q, want %q", got, tc.want)
				}
				outcome := engine.Outcome("")
				for _, d := range b.watcher.decisions {
					if d.Key == b.script.signals[1].Key && d.Outcome != engine.RateLimited {
						outcome = d.Outcome
					}
				}
				if outcome != tc.outcome {
					t.Errorf("what was stuck ended as %q, want %q", outcome, tc.outcome)
				}
			})
		})
	}
}

// spoilt is a ledger in which what waits under a key cannot be read.
type spoilt struct {
	engine.Ledger
	key        string
	unreadable bool
}

func (s *spoilt) Waiting(ctx context.Context, rule string, behind int64, n int) ([]engine.Waiting, error) {
	all, err := s.Ledger.Waiting(ctx, rule, behind, n)
	for i := range all {
		if all[i].Key == s.key && s.unreadable {
			all[i].Signal = "{"
		}
	}
	return all, err
}
