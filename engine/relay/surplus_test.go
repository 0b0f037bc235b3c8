package relay_test

import (
	"log/slog"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/nbd-wtf/go-nostr"

	"rhea/engine"
	"rhea/engine/relay"
	"rhea/engine/relay/local"
	"rhea/engine/relay/relaytest"
)

// TestMoreSubscriptionsThanARelayAccepts asks a relay for more than fits into its subscriptions, however it is merged. That is said
// with growing pauses, with the name of the query that is not served in full; the others are, the relay is not pestered, and nothing is lost
// when it has room again.
func TestMoreSubscriptionsThanARelayAccepts(t *testing.T) {
	t.Parallel()
	for name, refuse := range map[string]relaytest.Message{
		"closed": relaytest.Say("CLOSED", "{{ID}}", "error: too many subscriptions"),
		"notice": `["NOTICE","ERROR: too many concurrent REQs"]`,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				net := relaytest.NewNetwork()
				r := net.New(t, "one.test", local.Options{MaxMessage: 64 << 10}, relaytest.LimitSubscriptions(4, refuse))
				var log lines
				n := relay.New(relay.Options{
					Positions: newPositions(), Log: slog.New(slog.NewTextHandler(&log, nil)), DialContext: net.DialContext,
				})
				c := &client{Network: n, tb: t, patience: time.Hour}
				defer c.close()
				var people []string
				for i := range 5000 {
					people = append(people, person(i))
				}
				l := c.listen(engine.Query{Stream: "crowd", Filters: nostr.Filters{{Kinds: []int{1}, Tags: nostr.TagMap{"p": people}}}}, r.URL())
				pass(10 * time.Minute)
				before := len(asked(r))
				pass(20 * time.Minute)
				if n := len(asked(r)) - before; n > 60 {
					t.Errorf("asked %d times within twenty minutes", n)
				}
				var events []nostr.Event
				for i := 0; i < len(people); i += 250 {
					events = append(events, mention(t, people[i], "you"))
					r.Publish(events[len(events)-1])
				}
				pass(time.Minute)
				if n := len(l.got); n < 9 || n > 12 {
					t.Errorf("%d of 20 events arrived, want those of four subscriptions of up to three each", n)
				}
				if text := log.String(); strings.Count(text, "more than the relay takes") != 4 || strings.Count(text, "queries=crowd ") != 4 {
					t.Errorf("the log says:\n%s", text)
				}
				r.Behave()
				pass(10 * time.Minute)
				l.want(events...)
			})
		})
	}
}
