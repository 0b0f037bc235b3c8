package relay_test

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/nbd-wtf/go-nostr"

	"rhea/engine"
	"rhea/engine/relay/local"
	"rhea/engine/relay/relaytest"
)

// TestEveryMisbehaviour states what the bot does about each misbehaviour of a relay: every honest event arrives once,
// within some time and some connections.
func TestEveryMisbehaviour(t *testing.T) {
	t.Parallel()
	first := func(b relaytest.Behaviour) relaytest.Behaviour { return relaytest.OnConnection(1, b) }
	odd := sign(t, bobKey, nostr.Event{Kind: 7, Content: "+"})
	for name, tt := range map[string]struct {
		relay relaytest.Behaviour
		// within is how long the events may take, and conns how many connections that may take.
		within time.Duration
		conns  int
	}{
		"delays everything":                 {relaytest.Delay("", 3*time.Second), 2 * time.Minute, 1},
		"reads slowly":                      {relaytest.SlowRead(16, time.Second), 3 * time.Minute, 3},
		"writes slowly":                     {relaytest.SlowWrite(64, 500*time.Millisecond), 3 * time.Minute, 1},
		"resets the connection":             {first(relaytest.ResetOn("REQ")), 10 * time.Second, 2},
		"ends the connection":               {first(relaytest.KillOn("REQ")), 10 * time.Second, 2},
		"becomes half-open":                 {first(relaytest.FreezeOn("REQ")), time.Minute, 2},
		"loses what comes first":            {relaytest.LoseFirst(time.Second), 30 * time.Second, 1},
		"says no, forbidden":                {untilTry(2, relaytest.Refuse(http.StatusForbidden)), 20 * time.Second, 1},
		"says no, bad gateway":              {untilTry(2, relaytest.Refuse(http.StatusBadGateway)), 20 * time.Second, 1},
		"says when to come back":            {untilTry(1, relaytest.Behaviour{Upgrade: retryAfter}), 11 * time.Minute, 1},
		"redirects":                         {untilTry(1, relaytest.Behaviour{Upgrade: redirect}), 10 * time.Second, 1},
		"says everything twice":             {relaytest.Repeat("EVENT"), time.Second, 1},
		"reorders":                          {relaytest.Reorder("EVENT"), time.Minute, 1},
		"sends what nobody asked for":       {relaytest.Slip(odd), time.Second, 1},
		"sends events after EOSE":           {relaytest.After("EOSE", relaytest.Say("EVENT", "{{ID}}", odd)), time.Second, 1},
		"never sends EOSE":                  {relaytest.NeverEOSE(), time.Second, 1},
		"sends EOSE twice":                  {relaytest.Repeat("EOSE"), time.Second, 1},
		"ignores limits":                    {relaytest.IgnoreLimits(), time.Second, 1},
		"sends a forged signature first":    {relaytest.ForgeFirst(), time.Second, 1},
		"closes with two elements":          {first(relaytest.AnswerTimes(1, "REQ", `["CLOSED","{{ID}}"]`)), 10 * time.Second, 1},
		"closes for its own reasons":        {relaytest.CloseOnce(2, "error: shutting down"), 10 * time.Second, 1},
		"a notice in place of CLOSED":       {relaytest.AnswerTimes(1, "REQ", `["NOTICE","ERROR: bad req"]`), 30 * time.Second, 1},
		"greets with a challenge":           {relaytest.Greet(`["AUTH","a"]`), time.Second, 1},
		"asks who we are in the middle":     {relaytest.Before("EOSE", `["AUTH","b"]`), time.Second, 1},
		"sends two challenges":              {relaytest.Greet(`["AUTH","a"]`, `["AUTH","b"]`), time.Second, 1},
		"oversized messages":                {relaytest.Oversized(2 << 20), time.Second, 1},
		"messages without end":              {first(relaytest.Oversized(20 << 20)), 10 * time.Second, 2},
		"binary messages":                   {relaytest.Binary(), time.Second, 1},
		"deep nesting":                      {relaytest.Deep(100_000), time.Second, 1},
		"malformed JSON":                    {relaytest.Malformed(), time.Second, 1},
		"answers about other subscriptions": {relaytest.Before("EOSE", `["CLOSED","zzz","error: x"]`, `["EOSE","zzz"]`), time.Second, 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				net := relaytest.NewNetwork()
				r := net.New(t, "one.test", local.Options{}, tt.relay)
				p := newPositions()
				l := newClient(t, p, net.DialContext).listen(engine.Query{}, r.URL())
				start := time.Now()
				events := numbered(t, 3)
				for _, e := range events {
					r.Publish(e)
				}
				pass(tt.within)
				l.want(events...)
				if took := time.Since(start); took > tt.within {
					t.Errorf("what was stored took %s, want %s", took, tt.within)
				}
				if n := r.Connections(); n > tt.conns {
					t.Errorf("%d connections, want %d", n, tt.conns)
				}
				start = time.Now()
				live := []nostr.Event{note(t, "live one"), note(t, "live two")}
				for _, e := range live {
					r.Publish(e)
				}
				l.want(live...)
				if took := time.Since(start); took > time.Minute {
					t.Errorf("what was new took %s", took)
				}
				pass(time.Minute)
				l.nothing()
				for _, value := range p.all() {
					if since := sinceOf(t, value); since > time.Now().Unix() {
						t.Errorf("the position %s is in the future", value)
					}
				}
			})
		})
	}
}

// verifiedInto is a consumer that passes on the ids of what verifies.
func verifiedInto(good chan<- string) func(context.Context, engine.Received) error {
	return func(_ context.Context, got engine.Received) error {
		if got.Verify() == nil {
			good <- got.Event.ID
		}
		return nil
	}
}

// untilTry limits a refusal of the handshake to the first n tries.
func untilTry(n int, b relaytest.Behaviour) relaytest.Behaviour {
	tries := 0
	return relaytest.Behaviour{Upgrade: func(w http.ResponseWriter, r *http.Request) bool {
		tries++
		return tries <= n && b.Upgrade(w, r)
	}}
}

// TestAMisbehavingRelayDoesNotAffectOthers runs every kind of bad relay beside an honest one.
func TestAMisbehavingRelayDoesNotAffectOthers(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		net := relaytest.NewNetwork()
		honest := net.New(t, "honest.test", local.Options{})
		urls := []string{honest.URL()}
		bad := map[string]relaytest.Behaviour{
			"slow": relaytest.SlowWrite(1, time.Second), "deaf": relaytest.SlowRead(1, time.Minute),
			"frozen": relaytest.FreezeOn("REQ"), "resetting": relaytest.ResetOn("REQ"), "forging": relaytest.ForgeSignatures(),
			"closed": relaytest.CloseOnce(-1, "blocked: no"), "loud": relaytest.Malformed(), "shut": relaytest.Refuse(503),
			"forged": relaytest.ForgeIDs(), "huge": relaytest.Oversized(20 << 20), "silent": relaytest.Ignore("REQ"),
		}
		var others []*relaytest.Relay
		for name, b := range bad {
			r := net.New(t, name+".test", local.Options{}, b)
			others, urls = append(others, r), append(urls, r.URL())
		}
		good := make(chan string, 100)
		c := newClient(t, newPositions(), net.DialContext)
		c.listenWith(engine.Query{}, verifiedInto(good), urls...)
		honest.Await("REQ", 1)
		pass(time.Second)
		for i := range 50 {
			e := note(t, fmt.Sprint(i))
			for _, r := range others {
				r.Local.Publish(e)
			}
			start := time.Now()
			honest.Publish(e)
			if id := <-good; id != e.ID || time.Since(start) > time.Second {
				t.Fatalf("got %s after %s, want %s", id, time.Since(start), e.ID)
			}
			pass(time.Minute)
		}
		if len(good) != 0 {
			t.Errorf("%d events came twice", len(good))
		}
	})
}

// TestPublishingToAMisbehavingRelay has the faults of relays that TestVerdicts does not have: those beside the OK
// message.
func TestPublishingToAMisbehavingRelay(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		relay  relaytest.Behaviour
		want   string
		within time.Duration
	}{
		"says true and keeps nothing": {relaytest.TrueWithoutKeeping(), "done", time.Second},
		"no OK":                       {relaytest.Ignore("EVENT"), "unknown", 21 * time.Second},
		"loses its answers":           {relaytest.Drop("OK"), "unknown", 21 * time.Second},
		"resets the connection":       {relaytest.ResetOn("EVENT"), "unknown", time.Second},
		"becomes half-open":           {relaytest.FreezeOn("EVENT"), "unknown", 21 * time.Second},
		"reads slowly":                {relaytest.SlowRead(16, time.Second), "unknown", 40 * time.Second},
		"writes slowly":               {relaytest.SlowWrite(16, 500*time.Millisecond), "done", 21 * time.Second},
		"loses what comes first":      {relaytest.LoseFirst(time.Second), "done", 11 * time.Second},
		"OK for another event": {
			relaytest.Answer("EVENT", relaytest.Say("OK", strings.Repeat("0", 64), true, "")), "unknown", 21 * time.Second,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				net := relaytest.NewNetwork()
				r := net.New(t, "one.test", local.Options{}, tt.relay)
				start := time.Now()
				err := newClient(t, newPositions(), net.DialContext).Publish(t.Context(), r.URL(), note(t, "hello"))
				if got := verdict(err); got != tt.want {
					t.Errorf("%s: %v, want %s", got, err, tt.want)
				}
				if took := time.Since(start); took > tt.within {
					t.Errorf("took %s", took)
				}
			})
		})
	}
}
