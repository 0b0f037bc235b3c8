package bot_test

import (
	"testing"
	"testing/synctest"
	"time"

	"rhea/engine"
)

// TestRetryOverridesAHold has an operator try again what would otherwise wait for hours: the relay has barred the
// identity, or wants fewer events.
func TestRetryOverridesAHold(t *testing.T) {
	t.Parallel()
	for name, no := range map[string]string{"barred": "blocked: not on the list", "limited": "rate-limited: slow down"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				p := newPost(t)
				r := p.relay("one.test")
				r.Behave(about("first", false, no))
				p.rule.Retry.Initial = time.Hour
				p.start()
				p.write("first", "second")
				wait(10 * time.Second)
				if d := p.owed("second", r); d.State == engine.Accepted {
					t.Fatalf("the second note is %s: nothing is held back", d.State)
				}
				r.Behave()
				for _, text := range []string{"first", "second"} {
					d := p.owed(text, r)
					if err := p.ledger.Retry(t.Context(), d.Event.ID, d.Relay); err != nil {
						t.Fatal(err)
					}
				}
				p.engine.Retried(t.Context(), r.URL())
				wait(2 * time.Second)
				for _, text := range []string{"first", "second"} {
					if d := p.owed(text, r); d.State != engine.Accepted {
						t.Errorf("two seconds after the operator's word %q is %s: %s", text, d.State, d.Reason)
					}
				}
				p.stop()
			})
		})
	}
}
