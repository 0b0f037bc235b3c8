package bot_test

import (
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"rhea/engine"
	"rhea/engine/relay/relaytest"
)

// TestOnceSendsWhatWasOwed leaves notes for a relay that is away, and has runs that find nothing new send them.
func TestOnceSendsWhatWasOwed(t *testing.T) {
	t.Parallel()
	for name, behaviour := range map[string]relaytest.Behaviour{
		"at once":      {},
		"slow to say":  relaytest.Delay("OK", 300*time.Millisecond),
		"slower still": relaytest.Delay("", 2*time.Second),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				p := newPost(t)
				r := p.relay("one.test", behaviour)
				r.Stop()
				p.start()
				p.write("first", "second", "third")
				p.stop()
				if n := len(r.Heard("EVENT")); n != 0 {
					t.Fatalf("a relay that is away heard %d events", n)
				}
				wait(time.Hour / 2)
				r.Start()
				p.once = true
				p.start()
				for _, text := range []string{"first", "second", "third"} {
					if d := p.owed(text, r); d.State != engine.Accepted || heard(r, text) != 1 {
						t.Errorf("%s is %s after it was sent %d times", text, d.State, heard(r, text))
					}
				}
			})
		})
	}
}

// TestOnceEnds is a run for relays that do not take what an earlier one left: it ends when each was asked once.
func TestOnceEnds(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := newPost(t)
		away := p.relay("away.test")
		busy := p.relay("busy.test", relaytest.OK(false, "error: busy"))
		away.Stop()
		p.start()
		for n := range 20 {
			p.write(fmt.Sprint(n))
		}
		p.stop()
		wait(time.Hour / 2)
		before, begun := len(busy.Heard("EVENT")), time.Now()
		p.once = true
		p.start()
		if took := time.Since(begun); took > 5*time.Second {
			t.Errorf("the run took %s", took)
		}
		if n := len(busy.Heard("EVENT")) - before; n < 20 {
			t.Errorf("%d of 20 notes were tried", n)
		}
	})
}
