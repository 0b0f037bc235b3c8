package bot_test

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"rhea/engine"
)

// TestHeldRule holds a rule as an operator does: through the ledger.
func TestHeldRule(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		value string
		want  engine.Outcome
		says  string
	}{
		"not held":      {"", engine.Fired, ""},
		"held":          {`{"since":"2026-01-02T03:04:05Z","reason":"by hand"}`, engine.RateLimited, "held since 2026-01-02T03:04:05Z: by hand; rhea resume rule goes on"},
		"held somehow":  {"yes", engine.RateLimited, "by hand"},
		"held and gone": {engine.Hold{Since: time.Now(), Reason: "x"}.Position("rule").Value, engine.RateLimited, "x"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				e := note(t, strangerKey, "hello", time.Now())
				b := newBench(eventSignal(e, fine))
				if err := b.ledger.Advance(t.Context(), engine.Position{Stream: engine.HoldStream("rule"), Value: tc.value}); err != nil {
					t.Fatal(err)
				}
				b.run(t, time.Second)
				if got := b.watcher.outcomes(); !slices.Equal(got, []engine.Outcome{tc.want}) {
					t.Errorf("outcomes = %v, want %s", got, tc.want)
				}
				if d := b.watcher.decisions[0]; !strings.Contains(d.Reason, tc.says) {
					t.Errorf("the reason is %q", d.Reason)
				}
			})
		})
	}
}

// TestHeldClaimsNothingUnproved makes sure that a forged event does not stand in the way of the real one later.
func TestHeldClaimsNothingUnproved(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := eventSignal(note(t, strangerKey, "hello", time.Now()), func() error { return errors.New("forged") })
		b := newBench(s)
		if err := b.ledger.Advance(t.Context(), engine.Hold{Reason: "by hand"}.Position("rule")); err != nil {
			t.Fatal(err)
		}
		b.run(t, time.Second)
		if seen, err := b.ledger.Seen(t.Context(), "rule", s.Key); err != nil || seen {
			t.Errorf("Seen = %v, %v; an event that nobody checked is claimed", seen, err)
		}
	})
}
