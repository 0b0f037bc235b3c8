package bot_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/nbd-wtf/go-nostr"

	"rhea/engine"
	"rhea/engine/enginetest"
	"rhea/engine/ledger/memory"
)

// later is a signal whose condition is looked at after a while.
func later(s engine.Signal, d time.Duration) engine.Signal {
	s.Prepare = func(context.Context) { <-time.After(d) }
	return s
}

func Key(n int) string { return fmt.Sprintf("%064x", n+10) }

func TestLimits(t *testing.T) {
	t.Parallel()
	type in struct {
		author int
		thread string
		pause  time.Duration // before its condition is looked at
	}
	const fired, limited = engine.Fired, engine.RateLimited
	for name, tc := range map[string]struct {
		limit engine.Limit
		in    []in
		want  []engine.Outcome
	}{
		"author": {
			engine.Limit{Author: []engine.Rate{{Count: 2, Per: 10 * time.Minute}}},
			[]in{{author: 1}, {author: 1}, {author: 1}, {author: 2}, {author: 1, pause: 11 * time.Minute}},
			[]engine.Outcome{fired, fired, limited, fired, fired},
		},
		"rate": {
			engine.Limit{Rate: []engine.Rate{{Count: 2, Per: time.Hour}}},
			[]in{{author: 1}, {author: 2}, {author: 3}, {author: 4, pause: 30 * time.Minute}, {author: 5, pause: 31 * time.Minute}},
			[]engine.Outcome{fired, fired, limited, limited, fired},
		},
		"thread": {
			engine.Limit{Thread: []engine.Rate{{Count: 2, Per: engine.CounterAge}}},
			[]in{{author: 1, thread: "a"}, {author: 2, thread: "a"}, {author: 3, thread: "a", pause: 24 * time.Hour}, {author: 3, thread: "b"}},
			[]engine.Outcome{fired, fired, limited, fired},
		},
		"queue": {
			engine.Limit{Rate: []engine.Rate{{Count: 1, Per: time.Hour}}, Queue: true},
			[]in{{author: 1}, {author: 2}, {author: 3}},
			[]engine.Outcome{fired, limited, limited, fired, fired},
		},
		"two rates": { // On a 32-bit machine an int holds two seconds.
			engine.Limit{Rate: []engine.Rate{{Count: 5, Per: 5 * time.Minute}, {Count: 1, Per: 50 * time.Minute}}},
			[]in{{author: 1}, {author: 2, pause: 20 * time.Minute}, {author: 3, pause: 40 * time.Minute}},
			[]engine.Outcome{fired, limited, fired},
		},
		"none": {engine.Limit{}, []in{{author: 1}, {author: 1}, {author: 1}}, []engine.Outcome{fired, fired, fired}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				var signals []engine.Signal
				for i, x := range tc.in {
					s := eventSignal(note(t, Key(x.author), fmt.Sprint(i), time.Now()), fine)
					s.Thread = x.thread
					signals = append(signals, later(s, x.pause))
				}
				b := newBench(signals...)
				b.rule.Limit = tc.limit
				b.run(t, 3*time.Hour)
				if got := b.watcher.outcomes(); !slices.Equal(got, tc.want) {
					t.Errorf("outcomes = %v, want %v", got, tc.want)
				}
			})
		})
	}
}

// A limit counts what was answered before a restart, and an answer over the limit stays unanswered after it.
func TestLimitSurvivesRestart(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		limit := engine.Limit{Author: []engine.Rate{{Count: 1, Per: time.Hour}}}
		b := newBench(eventSignal(note(t, strangerKey, "a", time.Now()), fine))
		b.rule.Limit = limit
		b.run(t, time.Second)
		over := eventSignal(note(t, strangerKey, "b", time.Now()), fine)
		for range 2 {
			again := newBench(over)
			again.rule.Limit, again.ledger = limit, b.ledger
			again.run(t, time.Second)
			if len(again.wire.sent) != 0 {
				t.Error("the limit was forgotten")
			}
			<-time.After(2 * time.Hour)
		}
	})
}

// TestTwoAtOnceDoNotTakeTheLastPlace hands in ten signals at once, whose action takes a second. As many as the limit leaves
// room for run side by side; the others wait for what becomes of those.
func TestTwoAtOnceDoNotTakeTheLastPlace(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		rate   int
		repeat time.Duration
		fired  int
		took   time.Duration
	}{
		"room for all":                 {12, 0, 10, time.Second}, // newcomers leave a sixth
		"room for some":                {3, 0, 3, time.Second},
		"those before give room again": {3, time.Hour, 1, 5 * time.Second}, // three at once, then two
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				b := newBench()
				b.rule.Limit = engine.Limit{Rate: []engine.Rate{{Count: tt.rate, Per: time.Hour}}}
				b.rule.Concurrency, b.rule.RepeatAfter = 10, tt.repeat
				b.rule.Steps[0].Action = actionFunc(func(context.Context, engine.Run) (engine.Result, error) {
					<-time.After(time.Second)
					return engine.Result{Drafts: []engine.Draft{{Kind: 1, Content: "hi"}}}, nil
				})
				took := atOnce(t, b, 10)
				fired := 0
				for _, o := range b.watcher.outcomes() {
					if o == engine.Fired {
						fired++
					}
				}
				if fired != tt.fired || took != tt.took {
					t.Errorf("%d of ten at once fired, want %d; it took %s, want %s", fired, tt.fired, took, tt.took)
				}
			})
		})
	}
}

// atOnce runs the bench with a trigger that emits n signals at once, and returns how long they took.
func atOnce(t *testing.T, b *bench, n int) (took time.Duration) {
	t.Helper()
	emit := triggerFunc(func(ctx context.Context, in engine.Intake) error {
		start := time.Now()
		var all sync.WaitGroup
		for i := range n {
			s := eventSignal(note(t, Key(i), "hello", time.Now()), fine)
			all.Go(func() {
				if err := in.Emit(ctx, s); err != nil {
					t.Error(err)
				}
			})
		}
		all.Wait()
		took = time.Since(start)
		close(b.script.done)
		<-ctx.Done()
		return nil
	})
	b.rule.Triggers = []engine.RuleTrigger{{
		Kind: engine.NewTriggerKind[struct{}, noteData]("many", struct{}{}, func(struct{}, engine.Setup) (engine.Trigger, error) {
			return emit, nil
		}),
		Config: struct{}{},
	}}
	b.run(t, time.Minute)
	return took
}

func TestBotsAreNotAnswered(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		automated, allow bool
		silent           error
		want             engine.Outcome
	}{
		"a person":      {false, false, nil, engine.Fired},
		"a bot":         {true, false, nil, engine.Loop},
		"a bot allowed": {true, true, nil, engine.Fired},
		"nobody knows":  {true, false, errors.New("down"), engine.Fired},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				s := eventSignal(note(t, strangerKey, "hello", time.Now()), fine)
				source := new(enginetest.Source)
				if tc.automated {
					source.Add(profileOf(t, strangerKey, `{"bot":true}`))
				}
				source.Break(tc.silent)
				b := newBench(s)
				b.source = source
				b.rule.AllowBots = tc.allow
				b.run(t, time.Second)
				if got := b.watcher.outcomes(); !slices.Equal(got, []engine.Outcome{tc.want}) {
					t.Errorf("outcomes = %v, want %s", got, tc.want)
				}
			})
		})
	}
}

// profileOf is what a person says of itself.
func profileOf(t *testing.T, key, content string) nostr.Event {
	t.Helper()
	e := nostr.Event{Kind: 0, Content: content, CreatedAt: nostr.Now()}
	if err := e.Sign(key); err != nil {
		t.Fatal(err)
	}
	return e
}

func TestLimitSaysWhen(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := newBench(
			eventSignal(note(t, strangerKey, "a", time.Now()), fine), eventSignal(note(t, strangerKey, "b", time.Now()), fine))
		b.rule.Limit = engine.Limit{Author: []engine.Rate{{Count: 1, Per: time.Hour}}}
		free := time.Now().Add(time.Hour).UTC().Format(time.RFC3339)
		b.run(t, time.Second)
		if reason := b.watcher.decisions[1].Reason; !strings.Contains(reason, "author: 1/1h used up until "+free) {
			t.Errorf("the reason is %q", reason)
		}
	})
}

// TestClockWasAhead answers while the clock is ten years ahead, and goes on when it is right.
func TestClockWasAhead(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ahead := 10 * 365 * 24 * time.Hour
		b := newBench()
		b.ledger = memory.NewAt(func() time.Time { return time.Now().Add(ahead) })
		b.rule.Limit = engine.Limit{Author: []engine.Rate{{Count: 1, Per: time.Hour}}}
		b.rule.Patience = engine.Patience{Answers: 1, Break: 8 * time.Hour}
		b.rule.RepeatAfter = time.Hour
		b.rule.FloodStop = []engine.Rate{{Count: 1, Per: time.Hour}}
		b.rule.Steps = []engine.Step{{Kind: "echo", Action: echo}}
		hello := func(text string) engine.Signal { return eventSignal(note(t, strangerKey, text, time.Now()), fine) }
		b.feed(t, hello("one"))
		ahead = 0
		b.feed(t, hello("two"))
		<-time.After(time.Second)
		b.feed(t, hello("three"))
		if fired, all := b.watcher.count(engine.Fired), len(b.watcher.decisions); fired != 2 || all != 3 {
			t.Errorf("%d of %d fired, want 2 of 3: %+v", fired, all, b.watcher.decisions)
		}
	})
}

// TestKeysAreNoTurns has strangers choose keys that are the names of what the rule waits for.
func TestKeysAreNoTurns(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := newBench()
		author := note(t, Key(1), "", time.Now()).PubKey
		b.rule.Limit = engine.Limit{Rate: []engine.Rate{{Count: 9, Per: time.Hour}}}
		b.rule.Patience = engine.Patience{Answers: 9, Break: time.Hour}
		b.rule.Cycles = true
		var signals []engine.Signal
		for _, key := range []string{"limit/rule/rate/", "patience/rule/author/" + author, "\x00cycle", ""} {
			s := said(t, 1, key)
			s.Key = key
			signals = append(signals, s)
		}
		b.feed(t, signals...)
		if n := b.watcher.count(engine.Fired); n != len(signals) {
			t.Errorf("%d of %d were answered", n, len(signals))
		}
	})
}
