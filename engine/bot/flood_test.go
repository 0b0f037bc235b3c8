package bot_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/nbd-wtf/go-nostr"

	"rhea/engine"
)

// echo answers each signal with its own text.
var echo = actionFunc(func(_ context.Context, run engine.Run) (engine.Result, error) {
	return engine.Result{Drafts: []engine.Draft{{Kind: 1, Content: run.Data.(*noteData).Text}}}, nil
})

// item is a signal as a feed emits it.
func item(key, text string) engine.Signal {
	return engine.Signal{Key: key, Time: time.Now(), Data: &noteData{Text: text}}
}

func items(from, to int) []engine.Signal {
	var all []engine.Signal
	for n := from; n < to; n++ {
		all = append(all, item(fmt.Sprint("item ", n), fmt.Sprint("item ", n)))
	}
	return all
}

// feed runs the bench with more signals, as after a restart.
func (b *bench) feed(t *testing.T, signals ...engine.Signal) {
	t.Helper()
	b.script = &script{signals: signals, done: make(chan struct{})}
	b.run(t, time.Minute)
}

func (w *watcher) count(o engine.Outcome) int {
	n := 0
	for _, d := range w.decisions {
		if d.Outcome == o {
			n++
		}
	}
	return n
}

// TestFloodStopCountsEvents has each signal publish three events: they count as three, also for the next process.
func TestFloodStopCountsEvents(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := newBench()
		b.rule.FloodStop = []engine.Rate{{Count: 8, Per: time.Hour}}
		b.rule.RepeatAfter = 0
		b.rule.Steps = []engine.Step{{Kind: "echo", Action: echo}, {Kind: "echo", Action: echo}, {Kind: "echo", Action: echo}}
		for n, want := range []int{1, 2, 2} {
			b.feed(t, item(fmt.Sprint("item ", n), fmt.Sprint("item ", n)))
			if got := b.watcher.count(engine.Fired); got != want {
				t.Errorf("after item %d, %d were published, want %d", n, got, want)
			}
		}
	})
}

// TestFloodStop lets a feed run wild: the rule is held, over restarts, until somebody lets it go on.
func TestFloodStop(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := newBench()
		b.rule.Steps = []engine.Step{{Kind: "echo", Action: echo}}
		b.feed(t, items(0, 1000)...)
		if got := b.watcher.count(engine.Fired); got != 300 {
			t.Fatalf("%d of 1000 items were published, want 300", got)
		}
		if reason := b.watcher.decisions[300].Reason; !strings.Contains(reason, "the most is 300/10m") {
			t.Errorf("the reason is %q", reason)
		}
		if reason := b.watcher.decisions[301].Reason; !strings.HasPrefix(reason, "held since ") || !strings.Contains(reason, "rhea resume rule") {
			t.Errorf("the reason is %q", reason)
		}
		<-time.After(30 * 24 * time.Hour)
		b.feed(t, items(1000, 1010)...)
		if got := b.watcher.count(engine.Fired); got != 300 {
			t.Errorf("a restart and a month went by and a held rule has published %d", got-300)
		}
		resume(t, b.ledger, "rule")
		b.feed(t, items(1010, 1020)...)
		if got := b.watcher.count(engine.Fired); got != 310 {
			t.Errorf("a rule that goes on has published %d of 10", got-300)
		}
	})
}

func resume(t *testing.T, l engine.Ledger, rule string) {
	t.Helper()
	if err := l.Advance(t.Context(), engine.Position{Stream: engine.HoldStream(rule)}); err != nil {
		t.Fatal(err)
	}
}

// TestFloodStopGoesOnAtOnce makes sure that letting a rule go on is enough, also while its window is still full.
func TestFloodStopGoesOnAtOnce(t *testing.T) {
	t.Parallel()
	for _, restart := range []bool{false, true} {
		synctest.Test(t, func(t *testing.T) {
			b := newBench()
			b.rule.Steps = []engine.Step{{Kind: "echo", Action: echo}}
			b.rule.FloodStop = []engine.Rate{{Count: 5, Per: 24 * time.Hour}}
			signals := items(0, 12)
			if restart {
				b.feed(t, signals[:6]...)
				resume(t, b.ledger, "rule")
				b.feed(t, signals[6:]...)
			} else {
				resumeAfter(t, b, signals)
			}
			if got := b.watcher.count(engine.Fired); got != 10 {
				t.Errorf("restart %v: %d were published, want 5 before and 5 after", restart, got)
			}
		})
	}
}

// resumeAfter runs the signals and lets the rule go on after the sixth.
func resumeAfter(t *testing.T, b *bench, signals []engine.Signal) {
	t.Helper()
	b.script = &script{signals: signals[:6], done: make(chan struct{}), then: func(ctx context.Context, in engine.Intake) {
		<-time.After(time.Second)
		resume(t, b.ledger, "rule")
		for _, s := range signals[6:] {
			if err := in.Emit(ctx, s); err != nil {
				t.Error(err)
			}
		}
	}}
	b.run(t, time.Minute)
}

// TestBurstOfPeople is what a popular bot sees: many people at once, all of whom get their answer.
func TestBurstOfPeople(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := newBench()
		b.rule.RepeatAfter = time.Hour
		b.rule.Steps = []engine.Step{{Kind: "reply", Action: replying}}
		var signals []engine.Signal
		for n := range 200 {
			signals = append(signals, eventSignal(note(t, Key(n), "hello", time.Now()), fine))
		}
		b.feed(t, signals...)
		if got := b.watcher.count(engine.Fired); got != 200 {
			t.Errorf("%d of 200 people were answered", got)
		}
	})
}

// replying answers every event with the same words.
var replying = actionFunc(func(_ context.Context, run engine.Run) (engine.Result, error) {
	tags := nostr.Tags{{"e", run.Event.ID, "", "root"}, {"p", run.Event.PubKey}}
	return engine.Result{Drafts: []engine.Draft{{Kind: 1, Content: "Hi!", Tags: tags}}}, nil
})

// TestSurge holds a rule that has published a few events a day for a week and then publishes hundreds.
func TestSurge(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		change func(s *engine.Signal, r *engine.Rule)
		want   int
	}{
		"a feed":                  {func(*engine.Signal, *engine.Rule) {}, 250},
		"a schedule":              {func(s *engine.Signal, _ *engine.Rule) { s.Planned = true }, 290},
		"a rule with its own say": {func(_ *engine.Signal, r *engine.Rule) { r.FloodStop = []engine.Rate{{Count: 300, Per: time.Hour}} }, 290},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				b := newBench()
				b.rule.Steps = []engine.Step{{Kind: "echo", Action: echo}}
				for day := range 7 {
					b.feed(t, items(1000*(day+1), 1000*(day+1)+5)...)
					<-time.After(24 * time.Hour)
				}
				before := b.watcher.count(engine.Fired)
				flood := items(0, 290)
				for i := range flood {
					tc.change(&flood[i], &b.rule)
				}
				b.feed(t, flood...)
				if got := b.watcher.count(engine.Fired) - before; got != tc.want {
					t.Errorf("%d were published, want %d", got, tc.want)
				}
			})
		})
	}
}

// TestRepetition says the same again.
func TestRepetition(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		after   time.Duration
		pause   time.Duration
		planned bool
		other   string
		want    int
	}{
		"at once":        {time.Hour, time.Second, false, "", 1},
		"later":          {time.Hour, 2 * time.Hour, false, "", 2},
		"something else": {time.Hour, time.Second, false, "else", 2},
		"planned":        {time.Hour, time.Second, true, "", 2},
		"planned, but":   {time.Hour, time.Second, true, "", 1},
		"allowed":        {0, time.Second, false, "", 2},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				b := newBench()
				b.rule.RepeatAfter, b.rule.RepeatPlanned = tc.after, name == "planned, but"
				b.rule.Steps = []engine.Step{{Kind: "echo", Action: echo}}
				one, two := item("1", "hello"), item("2", "hello"+tc.other)
				one.Planned, two.Planned = tc.planned, tc.planned
				b.feed(t, one)
				<-time.After(tc.pause)
				b.feed(t, two)
				if got := b.watcher.count(engine.Fired); got != tc.want {
					t.Errorf("%d were published, want %d: %+v", got, tc.want, b.watcher.decisions)
				}
				if seen, err := b.ledger.Seen(t.Context(), "rule", "2"); err != nil || !seen {
					t.Errorf("Seen = %v, %v; what is not repeated must not come back with the next look at the feed", seen, err)
				}
			})
		})
	}
}

// TestSameAnswer gives the same answer to one event twice, as two rules would, and to others.
func TestSameAnswer(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		answer := actionFunc(func(_ context.Context, run engine.Run) (engine.Result, error) {
			d := engine.Draft{Kind: 1, Content: "hi", Tags: nostr.Tags{{"e", run.Event.ID}}}
			return engine.Result{Drafts: []engine.Draft{d}}, nil
		})
		b := newBench()
		b.rule.RepeatAfter = time.Hour
		b.rule.Steps = []engine.Step{{Kind: "answer", Action: answer}}
		about := func(key, text string) engine.Signal {
			e := note(t, strangerKey, text, time.Now())
			return engine.Signal{Key: key, Time: time.Now(), Event: e, Data: &noteData{Text: text}}
		}
		b.feed(t, about("1", "one"), about("2", "one"), about("3", "two"))
		if fired, limited := b.watcher.count(engine.Fired), b.watcher.count(engine.RateLimited); fired != 2 || limited != 1 {
			t.Errorf("%d fired, %d were limited: %+v", fired, limited, b.watcher.decisions)
		}
	})
}

// TestDryRunMeetsBudgets asks that a dry run is told what would stop it, and that it holds no rule for what it did not
// publish.
func TestDryRunMeetsBudgets(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := newBench()
		b.rule.Steps = []engine.Step{{Kind: "echo", Action: echo}}
		b.rule.FloodStop = []engine.Rate{{Count: 2, Per: time.Hour}}
		b.feed(t, items(0, 2)...)
		b.rule.DryRun = true
		b.feed(t, item("item 2", "item 2"), item("item 3", "item 3"))
		if fired, stopped := b.watcher.count(engine.Fired), b.watcher.count(engine.RateLimited); fired != 2 || stopped != 2 {
			t.Errorf("%d fired and %d were stopped, want 2 and 2: %+v", fired, stopped, b.watcher.decisions)
		}
		if value, err := b.ledger.Position(t.Context(), engine.HoldStream("rule")); value != "" || err != nil {
			t.Errorf("the dry run has held the rule: %q, %v", value, err)
		}
		<-time.After(2 * time.Hour)
		b.feed(t, item("item 4", "item 4"), item("item 5", "item 5"), item("item 6", "item 6"))
		if n := b.watcher.count(engine.DryRun); n != 3 {
			t.Errorf("%d dry runs later on, want 3: what is not published does not count", n)
		}
	})
}

// TestClaimsOfATrigger asks that a claim is kept for as long as its trigger says, and no longer.
func TestClaimsOfATrigger(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := newBench()
		s := item("1", "hello")
		s.Keep = time.Hour
		b.feed(t, s)
		b.feed(t, s)
		<-time.After(2 * time.Hour)
		b.feed(t, s)
		want := []engine.Outcome{engine.Fired, engine.Duplicate, engine.Fired}
		if got := b.watcher.outcomes(); !slices.Equal(got, want) {
			t.Errorf("outcomes = %v, want %v", got, want)
		}
	})
}
