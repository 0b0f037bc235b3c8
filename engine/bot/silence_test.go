package bot_test

import (
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"rhea/engine"
	"rhea/engine/bot"
)

// TestSilence runs a rule that is to fire every hour, again and again on one state. Only what fired ends a silence, and
// a restart does not begin to count anew.
func TestSilence(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ledger := newBench().ledger
		began := time.Now().Truncate(time.Second)
		fired := began
		for i, step := range []struct {
			// passes says what the condition of the one signal says, "" that there is none.
			passes string
			run    time.Duration
			silent bool
		}{
			{"", 30 * time.Minute, false},
			{"", 31 * time.Minute, true},
			{"no", time.Minute, true},
			{"yes", time.Minute, false},
			{"", 58 * time.Minute, false},
			{"no", 2 * time.Minute, true},
			{"yes", 59 * time.Minute, false},
		} {
			b := newBench()
			if step.passes != "" {
				e := note(t, strangerKey, fmt.Sprint("note ", i), time.Now())
				b = newBench(eventSignal(e, fine))
				b.rule.If = condition(func(string) (bool, error) { return step.passes == "yes", nil })
			}
			if step.passes == "yes" {
				fired = time.Now().Truncate(time.Second)
			}
			b.ledger, b.rule.ExpectEvery = ledger, time.Hour
			b.run(t, step.run)
			silent := b.engine.Silent()
			if (len(silent) == 1) != step.silent {
				t.Errorf("step %d: silent = %v, want %v", i, silent, step.silent)
			}
			if len(silent) == 1 && (!silent[0].Since.Equal(fired) || silent[0] != (bot.Silence{Rule: "rule", Since: silent[0].Since, Every: time.Hour})) {
				t.Errorf("step %d: %+v, want since %s", i, silent[0], fired)
			}
		}
		b := newBench()
		b.ledger, b.dry, b.rule.ExpectEvery = ledger, true, time.Minute
		b.run(t, time.Hour)
		if silent := b.engine.Silent(); len(silent) > 0 {
			t.Errorf("a dry run never fires, but %v", silent)
		}
	})
}

// TestSilenceIsNotEndedByOtherVerdicts begins on a date that a clock has noted that was ahead, and later turns down an
// item, which is stored as what fires is.
func TestSilenceIsNotEndedByOtherVerdicts(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ledger, began := newBench().ledger, time.Now().Truncate(time.Second)
		ahead := engine.Position{Stream: "expect/rule", Value: began.Add(24 * time.Hour).UTC().Format(time.RFC3339)}
		if err := ledger.Advance(t.Context(), ahead); err != nil {
			t.Fatal(err)
		}
		for _, signals := range [][]engine.Signal{nil, {{Key: "item", Time: time.Now(), Data: &noteData{Text: "hello"}}}} {
			b := newBench(signals...)
			b.ledger, b.rule.ExpectEvery = ledger, time.Hour
			b.rule.If = condition(func(string) (bool, error) { return false, nil })
			b.run(t, 40*time.Minute)
			silent := b.engine.Silent()
			if len(signals) > 0 && (len(silent) != 1 || !silent[0].Since.Equal(began)) {
				t.Errorf("silent: %+v, want since %s", silent, began)
			}
			if at, err := ledger.Position(t.Context(), "expect/rule"); err != nil || at != began.UTC().Format(time.RFC3339) {
				t.Errorf("stored: %s, %v", at, err)
			}
		}
	})
}
