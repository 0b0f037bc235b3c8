package relay_test

import (
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/nbd-wtf/go-nostr"

	"rhea/engine"
	"rhea/engine/relay/local"
	"rhea/engine/relay/relaytest"
)

// TestPublishingWithoutAChallenge publishes to relays that demand authentication and send no usable challenge. The
// delivery is refused after a short wait, with the text of the relay, and the event is not sent again.
func TestPublishingWithoutAChallenge(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		relay  relaytest.Behaviour
		final  bool
		says   string
		within time.Duration
	}{
		"no challenge":     {relaytest.Behaviour{}, true, "sends no challenge", 6 * time.Second},
		"an empty one":     {relaytest.Greet(`["AUTH",""]`), true, "sends no challenge", 6 * time.Second},
		"an endless one":   {relaytest.Greet(relaytest.Say("AUTH", strings.Repeat("x", 2000))), true, "sends no challenge", 6 * time.Second},
		"AUTH is not read": {greetAndIgnore(), false, "did not answer", 21 * time.Second},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				net := relaytest.NewNetwork()
				r := net.New(t, "one.test", local.Options{}, tt.relay, relaytest.OK(false, "auth-required: who are you"))
				c := newClient(t, newPositions(), net.DialContext)
				start := time.Now()
				err := c.Publish(t.Context(), r.URL(), sign(t, botKey, nostr.Event{Kind: 1}))
				_, final := errors.AsType[*engine.Rejection](err)
				_, passing := errors.AsType[*engine.Refusal](err)
				if final != tt.final || passing == tt.final || !strings.Contains(err.Error(), "auth-required: who are you (") ||
					!strings.Contains(err.Error(), tt.says) {
					t.Errorf("Publish: %v", err)
				}
				if took := time.Since(start); took > tt.within {
					t.Errorf("took %s", took)
				}
				if n := len(r.Heard("EVENT")); n != 1 {
					t.Errorf("the event was sent %d times", n)
				}
			})
		})
	}
}

func greetAndIgnore() relaytest.Behaviour {
	return relaytest.Behaviour{Opened: relaytest.Greet(`["AUTH","c"]`).Opened, Hears: relaytest.Ignore("AUTH").Hears}
}

// TestSubscribingWithoutAChallenge has a relay that demands authentication for one query of many. The others are
// served. The refused one is tried again with backoff, and is served too once there is a challenge.
func TestSubscribingWithoutAChallenge(t *testing.T) {
	t.Parallel()
	for name, b := range map[string]relaytest.Behaviour{"no challenge": {}, "AUTH is not read": greetAndIgnore()} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				net := relaytest.NewNetwork()
				r := net.New(t, "one.test", local.Options{}, b, relaytest.RefuseFilters("auth-required: who", hasValue(person(3))))
				all := newClient(t, newPositions(), net.DialContext).crowd(0, 10, r.URL())
				pass(3 * time.Minute)
				for i, l := range all {
					if i != 3 {
						e := mention(t, person(i), "you")
						r.Publish(e)
						l.want(e)
					}
				}
				before := len(asked(r))
				pass(time.Hour)
				if n := len(asked(r)) - before; n > 40 || r.Connections() != 1 {
					t.Errorf("asked %d times within an hour, on %d connections", n, r.Connections())
				}
				e := mention(t, person(3), "you")
				r.Publish(e)
				r.Behave(relaytest.Answer("AUTH", `["OK","{{ID}}",true,""]`))
				r.Send(`["AUTH","at last"]`)
				all[3].want(e)
			})
		})
	}
}
