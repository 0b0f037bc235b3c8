package bot_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"rhea/engine"
)

// TestKnownDoNotOvertakeThemselves has somebody who is known write again while a note of theirs waits.
func TestKnownDoNotOvertakeThemselves(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := newBench(said(t, 1, "first"))
		b.rule.Steps[0].Action = repeater()
		b.rule.Limit = engine.Limit{
			Rate: []engine.Rate{{Count: 9, Per: time.Hour}}, Author: []engine.Rate{{Count: 1, Per: time.Hour}}, Queue: true,
		}
		b.script.then = func(ctx context.Context, in engine.Intake) {
			emit := func(text string) {
				if err := in.Emit(ctx, said(t, 1, text)); err != nil {
					t.Error(err)
				}
			}
			<-time.After(20 * time.Minute)
			emit("second")
			// While the rule is held its queue does not move.
			if err := b.ledger.Advance(ctx, engine.Hold{Reason: "by hand"}.Position("rule")); err != nil {
				t.Error(err)
			}
			<-time.After(40*time.Minute + 30*time.Second)
			resume(t, b.ledger, "rule")
			<-time.After(10 * time.Second)
			emit("third")
		}
		b.run(t, 3*time.Hour)
		if got, want := b.wire.texts(), []string{"first", "second", "third"}; !slices.Equal(got, want) {
			t.Errorf("said %q, want %q", got, want)
		}
	})
}

// slowList takes a moment to say what waits, but for the first time.
type slowList struct {
	engine.Ledger

	asked int
}

func (l *slowList) Waiting(ctx context.Context, rule string, behind int64, n int) ([]engine.Waiting, error) {
	if l.asked++; l.asked > 1 {
		<-time.After(time.Second)
	}
	return l.Ledger.Waiting(ctx, rule, behind, n)
}

// TestQueueOfAnEarlierRunComesFirst has somebody write before the line has looked at what waits from before.
func TestQueueOfAnEarlierRunComesFirst(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		limit := engine.Limit{Rate: []engine.Rate{{Count: 1, Per: time.Hour}}, Queue: true}
		before := newBench(said(t, 1, "one"), said(t, 2, "two"))
		before.rule.Limit, before.rule.Steps[0].Action = limit, repeater()
		before.run(t, time.Minute)
		<-time.After(2 * time.Hour)
		b := newBench(said(t, 3, "three"))
		b.rule.Limit, b.rule.Steps[0].Action = limit, repeater()
		b.ledger, b.store = before.ledger, &slowList{Ledger: before.ledger}
		b.run(t, 3*time.Hour)
		if got, want := b.wire.texts(), []string{"two", "three"}; !slices.Equal(got, want) {
			t.Errorf("said %q, want %q", got, want)
		}
	})
}

// TestFailuresOfStrangersAreBounded has strangers and a feed make a rule fail: so many signals of strangers are kept in an
// hour.
func TestFailuresOfStrangersAreBounded(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := newBench()
		b.rule.Steps[0].Action = actionFunc(func(context.Context, engine.Run) (engine.Result, error) {
			return engine.Result{}, errors.New("broken")
		})
		var signals []engine.Signal
		for i := range 150 {
			signals = append(signals, said(t, i, "hello"), item(fmt.Sprint("item ", i), "news"))
		}
		later := said(t, 200, "hello")
		b.script.then = func(ctx context.Context, in engine.Intake) {
			<-time.After(time.Hour)
			if err := in.Emit(ctx, later); err != nil {
				t.Error(err)
			}
		}
		b.feed2(t, time.Second, signals...)
		kept := make(map[bool]int)
		for _, s := range append(signals, later) {
			value, err := b.ledger.Position(t.Context(), engine.FailureStream("rule", s.Key))
			if err != nil {
				t.Fatal(err)
			}
			if _, ok := engine.ParseFailure(s.Key, value); ok {
				kept[s.Event != nil]++
			}
		}
		if kept[true] != 101 || kept[false] != 150 {
			t.Errorf("%d signals of strangers and %d of the feed are kept, want 101 and all", kept[true], kept[false])
		}
	})
}
