package bot_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"rhea/engine"
)

// TestPatience lets one author write at certain hours and looks at which notes are answered.
func TestPatience(t *testing.T) {
	t.Parallel()
	every := func(from, to, step int) (hours []int) {
		for h := from; h < to; h += step {
			hours = append(hours, h)
		}
		return hours
	}
	for name, tc := range map[string]struct {
		limit    []engine.Rate
		patience int
		hours    []int
		answered int
		bot      int // notes that count as a bot's
	}{
		"a person of two long days":      {nil, 4, append(every(0, 4, 1), every(12, 16, 1)...), 8, 0},
		"without a break":                {nil, 4, every(0, 40, 1), 4, 36},
		"a break is long enough":         {nil, 4, append(every(0, 6, 1), 13), 5, 2},
		"a break is too short":           {nil, 4, append(every(0, 6, 1), 12), 4, 3},
		"the second break must be twice": {nil, 4, append(append(every(0, 5, 1), every(12, 17, 1)...), 31, 47), 9, 3},
		"what a limit stops is no break": {[]engine.Rate{{Count: 2, Per: 24 * time.Hour}}, 4, every(0, 80, 2), 4, 26},
		"no end":                         {nil, 0, every(0, 40, 1), 40, 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				b := newBench()
				b.script.then = func(ctx context.Context, in engine.Intake) {
					begin := time.Now()
					for i, h := range tc.hours {
						<-time.After(time.Until(begin.Add(time.Duration(h) * time.Hour)))
						if err := in.Emit(ctx, eventSignal(note(t, strangerKey, fmt.Sprint(i), time.Now()), fine)); err != nil {
							t.Error(err)
						}
					}
				}
				b.rule.Limit.Author = tc.limit
				b.rule.Patience = engine.Patience{Answers: tc.patience, Break: 8 * time.Hour}
				b.run(t, 0)
				got := make(map[engine.Outcome]int)
				for _, o := range b.watcher.outcomes() {
					got[o]++
				}
				if got[engine.Fired] != tc.answered || got[engine.Loop] != tc.bot {
					t.Errorf("outcomes = %v, want %d answers and %d loops", got, tc.answered, tc.bot)
				}
			})
		})
	}
}

// TestPatienceSurvivesRestart asks whether a restart makes a person of a bot, and whether it is said why there is no answer.
func TestPatienceSurvivesRestart(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var before *bench
		for i := range 3 {
			b := newBench(eventSignal(note(t, strangerKey, fmt.Sprint(i), time.Now()), fine))
			b.rule.Patience = engine.Patience{Answers: 1, Break: 8 * time.Hour}
			if before != nil {
				b.ledger = before.ledger
			}
			b.run(t, time.Second)
			<-time.After(7 * time.Hour)
			if before = b; i == 0 {
				continue
			}
			d := b.watcher.decisions[0]
			if d.Outcome != engine.Loop || !strings.Contains(d.Reason, "1 answers without a break of 8h: taken for a bot") {
				t.Errorf("note %d: %s: %s", i, d.Outcome, d.Reason)
			}
			if gate := d.Gates[len(d.Gates)-1]; gate.Gate != "patience" || gate.Pass {
				t.Errorf("note %d: the last gate is %+v", i, gate)
			}
		}
	})
}

// TestPatienceWithoutABreak gives no length of a break, as a program that builds its own rule may.
func TestPatienceWithoutABreak(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := newBench(said(t, 1, "1"), said(t, 1, "2"))
		b.rule.Patience = engine.Patience{Answers: 1}
		b.run(t, time.Second)
		if n := b.watcher.count(engine.Fired); n != 2 {
			t.Errorf("%d of 2 were answered: %+v", n, b.watcher.decisions)
		}
	})
}
