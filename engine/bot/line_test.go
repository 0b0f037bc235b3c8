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

// repeater says the text of what it answers.
func repeater() engine.Action {
	return actionFunc(func(_ context.Context, run engine.Run) (engine.Result, error) {
		return engine.Result{Drafts: []engine.Draft{{Kind: 1, Content: run.Data.(*noteData).Text}}}, nil
	})
}

// said is a signal whose data has the text, by the nth author.
func said(t *testing.T, n int, text string) engine.Signal {
	t.Helper()
	s := eventSignal(note(t, Key(n), text, time.Now()), fine)
	s.Data = &noteData{Text: text}
	return s
}

func (w *wire) texts() (all []string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, e := range w.sent {
		all = append(all, e.Content)
	}
	return all
}

// TestQueueSurvivesRestarts restarts the bot every 40 minutes while it lets one go each hour. The trigger reads on at
// once, max_age was asked when the signals came, and everything is said once and in order.
func TestQueueSurvivesRestarts(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var first []engine.Signal
		for i := range 6 {
			first = append(first, said(t, i, fmt.Sprint(i)))
		}
		b := newBench(first...)
		var got []string
		for n := range 12 {
			again := newBench()
			if n == 0 {
				again = b
			}
			again.ledger = b.ledger
			again.rule.Limit = engine.Limit{Rate: []engine.Rate{{Count: 1, Per: time.Hour}}, Queue: true}
			again.rule.MaxAge = 15 * time.Minute
			again.rule.Steps[0].Action = repeater()
			if n == 1 { // A relay brings them again.
				again.script.signals = slices.Clone(first)
			}
			start := time.Now()
			again.run(t, 40*time.Minute)
			if took := time.Since(start); took > 41*time.Minute {
				t.Errorf("the trigger was held up for %s", took)
			}
			got = append(got, again.wire.texts()...)
		}
		if want := []string{"0", "1", "2", "3", "4", "5"}; !slices.Equal(got, want) {
			t.Errorf("said %q, want %q", got, want)
		}
		if left, err := b.ledger.Waiting(t.Context(), "rule", 0, 10); err != nil || len(left) > 0 {
			t.Errorf("still waiting: %v, %v", left, err)
		}
	})
}

// TestQueueHoldsUpOnlyItsOwn has one author over the limit and lets the others pass.
func TestQueueHoldsUpOnlyItsOwn(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := newBench(said(t, 1, "a1"), said(t, 1, "a2"), said(t, 1, "a3"), said(t, 2, "b1"), said(t, 2, "b2"))
		b.rule.Limit = engine.Limit{Author: []engine.Rate{{Count: 1, Per: time.Hour}}, Queue: true}
		b.rule.Steps[0].Action = repeater()
		b.run(t, 150*time.Minute)
		if got, want := b.wire.texts(), []string{"a1", "b1", "a2", "b2", "a3"}; !slices.Equal(got, want) {
			t.Errorf("said %q, want %q", got, want)
		}
		d := b.watcher.decisions
		if r := d[1].Reason; d[1].Outcome != engine.RateLimited || !strings.HasSuffix(r, "; it waits, 0 before it") || !strings.Contains(r, "author: 1/1h used up until") {
			t.Errorf("the second was %s: %s", d[1].Outcome, r)
		}
		if r := d[2].Reason; !strings.HasSuffix(r, "; it waits, 1 before it") {
			t.Errorf("the reason of the third is %s", r)
		}
		if last := d[len(d)-1]; last.Outcome != engine.Fired || !strings.Contains(last.Reason, "waited since") {
			t.Errorf("the last was %s: %s", last.Outcome, last.Reason)
		}
	})
}

// TestQueueIsInOrder hands in something new at the moment at which a place becomes free: what waits goes first.
func TestQueueIsInOrder(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := newBench(said(t, 1, "0"), said(t, 2, "1"))
		b.rule.Limit = engine.Limit{Rate: []engine.Rate{{Count: 1, Per: time.Hour}}, Queue: true}
		b.rule.Steps[0].Action = repeater()
		b.script.then = func(ctx context.Context, in engine.Intake) {
			<-time.After(time.Hour)
			for i := range 20 {
				if err := in.Emit(ctx, said(t, 3+i, fmt.Sprint(2+i))); err != nil {
					t.Error(err)
				}
			}
		}
		b.run(t, 24*time.Hour)
		var want []string
		for i := range 22 {
			want = append(want, fmt.Sprint(i))
		}
		if got := b.wire.texts(); !slices.Equal(got, want) {
			t.Errorf("said %q", got)
		}
	})
}

// TestQueueIsBounded fills the queue: newcomers cannot take all places, and whom the identity follows finds one.
func TestQueueIsBounded(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var signals []engine.Signal
		for i := range 803 {
			signals = append(signals, said(t, i%20, fmt.Sprint(i)))
		}
		var follows nostr.Tags
		for i := range 203 {
			s := said(t, 100+i%3, fmt.Sprint(i))
			signals = append(signals, s)
			follows = append(follows, nostr.Tag{"p", s.Event.PubKey})
		}
		b := newBench(signals...)
		b.source = people{follows: follows}
		b.rule.Limit = engine.Limit{Rate: []engine.Rate{{Count: 1, Per: time.Hour}}, Queue: true}
		b.rule.Triggers[0].Kind = b.rule.Triggers[0].Kind.Addressing()
		b.rule.AllowBots = true
		b.run(t, time.Minute)
		if waiting, err := b.ledger.Waiting(t.Context(), "rule", 0, 2000); err != nil || len(waiting) != 1000 {
			t.Errorf("%d wait, %v", len(waiting), err)
		}
		for i, d := range b.watcher.decisions {
			want := "it waits"
			switch {
			case i == 0:
				want = ""
			case i > 1002:
				want = "the queue is full: 1000 signals wait"
			case i > 800 && i < 803:
				want = "the queue is full for newcomers: 800 signals wait"
			}
			if !strings.Contains(d.Reason, want) {
				t.Errorf("%d: %s: %s, want %q", i, d.Outcome, d.Reason, want)
			}
		}
	})
}

// TestQueueIsShared has one author write more than the part of the queue that is theirs, and a feed, which has no
// author, more than that.
func TestQueueIsShared(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var signals []engine.Signal
		for i := range 103 {
			signals = append(signals, said(t, 1, fmt.Sprint(i)))
		}
		signals = append(signals, said(t, 2, "another"))
		for i := range 110 {
			signals = append(signals, engine.Signal{Key: fmt.Sprint("item ", i), Time: time.Now(), Data: &noteData{Text: "news"}})
		}
		b := newBench(signals...)
		b.rule.Limit = engine.Limit{Rate: []engine.Rate{{Count: 1, Per: time.Hour}}, Queue: true}
		b.run(t, time.Minute)
		for i, d := range b.watcher.decisions[1:] {
			want := fmt.Sprintf("it waits, %d before it", min(i, 100+max(0, i-102)))
			if i == 100 || i == 101 {
				want = "the author's part of the queue is full: 100 signals of theirs wait"
			}
			if d.Outcome != engine.RateLimited || !strings.HasSuffix(d.Reason, "; "+want) {
				t.Errorf("%d is %s: %s, want %s", i+1, d.Outcome, d.Reason, want)
			}
		}
		if waiting, err := b.ledger.Waiting(t.Context(), "rule", 0, 2000); err != nil || len(waiting) != 211 {
			t.Errorf("%d wait, %v", len(waiting), err)
		}
	})
}

// TestFullQueueHears turns a note down because the queue is full: the author has written all the same, and takes no break.
func TestFullQueueHears(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := newBench()
		b.rule.Limit = engine.Limit{Author: []engine.Rate{{Count: 1, Per: 10 * 24 * time.Hour}}, Queue: true}
		b.rule.Patience = engine.Patience{Answers: 4, Break: 8 * time.Hour}
		b.script.then = func(ctx context.Context, in engine.Intake) {
			for i := range 102 {
				if err := in.Emit(ctx, said(t, 1, fmt.Sprint(i))); err != nil {
					t.Error(err)
				}
			}
		}
		b.run(t, time.Minute)
		d := b.watcher.decisions[101]
		if !strings.Contains(d.Reason, "the author's part of the queue is full") {
			t.Errorf("the last is %s: %s", d.Outcome, d.Reason)
		}
		stream := "restless/rule/" + said(t, 1, "").Event.PubKey
		if heard, err := b.ledger.Position(t.Context(), stream); err != nil || heard == "" {
			t.Errorf("the author was not heard: %q, %v", heard, err)
		}
	})
}

// TestQueueIsEmptied takes out of the ledger what waits. The places are free at once when the engine is told, as after
// an order of the operator, and within the hour when it is not, as after upkeep.
func TestQueueIsEmptied(t *testing.T) {
	t.Parallel()
	for _, told := range []bool{true, false} {
		t.Run(fmt.Sprint("told ", told), func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				var signals []engine.Signal
				for i := range 101 {
					signals = append(signals, said(t, 1, fmt.Sprint(i)))
				}
				b := newBench(signals...)
				b.rule.Limit = engine.Limit{Author: []engine.Rate{{Count: 1, Per: 10 * 24 * time.Hour}}, Queue: true}
				b.script.then = func(ctx context.Context, in engine.Intake) {
					waiting, err := b.ledger.Waiting(ctx, "rule", 0, 2000)
					if err != nil || len(waiting) != 100 {
						t.Errorf("%d wait, %v", len(waiting), err)
					}
					var keys []string
					for _, w := range waiting {
						if fresh, err := b.ledger.Commit(ctx, w.End(time.Now(), "dropped")); err != nil || !fresh {
							t.Errorf("dropping %s: %t, %v", w.Key, fresh, err)
						}
						keys = append(keys, w.Key)
					}
					if told {
						b.engine.DroppedWaiting("rule", keys)
					} else {
						<-time.After(time.Hour)
					}
					synctest.Wait()
					for _, text := range []string{"next", "and next"} {
						if err := in.Emit(ctx, said(t, 1, text)); err != nil {
							t.Error(err)
						}
					}
				}
				b.run(t, 2*time.Hour)
				d := b.watcher.decisions[len(b.watcher.decisions)-2:]
				if !strings.HasSuffix(d[0].Reason, "; it waits, 0 before it") || !strings.HasSuffix(d[1].Reason, "; it waits, 1 before it") {
					t.Errorf("the next are %s: %s, and %s: %s", d[0].Outcome, d[0].Reason, d[1].Outcome, d[1].Reason)
				}
			})
		})
	}
}

// TestQueueTells reads what waits as people look at it.
func TestQueueTells(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		loud := said(t, 2, "  "+strings.Repeat("loud ", 100))
		secret := said(t, 3, "my key is nsec1"+strings.Repeat("q", 58)+" \x1b[31m")
		item := engine.Signal{Key: "item", Time: time.Now(), Data: &titledData{Headline: "News"}}
		b := newBench(said(t, 1, "first"), loud, secret, item)
		b.rule.Limit = engine.Limit{Rate: []engine.Rate{{Count: 1, Per: time.Hour}}, Queue: true}
		since := time.Now()
		b.run(t, time.Minute)
		waiting, err := b.ledger.Waiting(t.Context(), "", 0, 10)
		if err != nil || len(waiting) != 3 {
			t.Fatalf("%d wait, %v", len(waiting), err)
		}
		for i, want := range []engine.WaitingInfo{
			{Author: loud.Event.PubKey, Relay: loud.Relay, Words: strings.Repeat("loud ", 40) + "…"},
			{Author: secret.Event.PubKey, Relay: secret.Relay, Words: "my key is [redacted] [31m"},
			{Words: "News"},
		} {
			want.Trigger = "script"
			got := waiting[i].Info()
			if !got.Since.Equal(since) {
				t.Errorf("%d waits since %s", i, got.Since)
			}
			if got.Since = (time.Time{}); got != want {
				t.Errorf("%d is %+v, want %+v", i, got, want)
			}
		}
		for _, text := range []string{"", "null", "{", `{"at":7}`, `{"event":"none"}`} {
			w := engine.Waiting{Rule: "rule", Key: "key", Signal: text}
			if got := w.Info(); got != (engine.WaitingInfo{}) {
				t.Errorf("%q is %+v", text, got)
			}
			if _, overdue := w.Overdue(time.Now()); overdue {
				t.Errorf("%q is overdue", text)
			}
		}
	})
}

// titledData is data by whose title people know it.
type titledData struct {
	engine.Scope
	Headline string
}

func (d *titledData) Title() (string, bool) { return d.Headline, true }

// TestQueueWaitsForItsRule holds the rule while something waits, and mutes an author whose note waits.
func TestQueueWaitsForItsRule(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := newBench(said(t, 1, "0"), said(t, 2, "1"), said(t, 3, "2"))
		b.rule.Limit = engine.Limit{Rate: []engine.Rate{{Count: 1, Per: time.Hour}}, Queue: true}
		b.rule.Steps[0].Action = repeater()
		b.rule.OptOut = &engine.OptOut{Stop: []string{"stop"}}
		b.script.then = func(ctx context.Context, in engine.Intake) {
			if err := in.Advance(ctx, engine.Hold{Since: time.Now(), Reason: "by hand"}.Position("rule")); err != nil {
				t.Error(err)
			}
			<-time.After(5*time.Hour + 30*time.Second) // Between two looks: the word must not race with one.
			if n := len(b.wire.texts()); n != 1 {
				t.Errorf("a held rule said %d things", n)
			}
			if err := in.Advance(ctx, engine.Position{Stream: engine.HoldStream("rule")}); err != nil {
				t.Error(err)
			}
			stop := said(t, 2, "stop")
			stop.Direct = true
			if err := in.Emit(ctx, stop); err != nil {
				t.Error(err)
			}
		}
		b.run(t, 3*time.Hour)
		if got, want := b.wire.texts(), []string{"0", "2"}; !slices.Equal(got, want) {
			t.Errorf("said %q, want %q", got, want)
		}
	})
}
