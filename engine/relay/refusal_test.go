package relay_test

import (
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/nbd-wtf/go-nostr"

	"rhea/engine"
	"rhea/engine/relay/local"
	"rhea/engine/relay/relaytest"
)

// TestASubscriptionSurvivesEveryRefusal states how long after a refusal a subscription is tried again.
func TestASubscriptionSurvivesEveryRefusal(t *testing.T) {
	t.Parallel()
	closed := func(reason string) relaytest.Behaviour { return relaytest.CloseOnce(1, reason) }
	tests := []struct {
		name         string
		relay        relaytest.Behaviour
		least, until time.Duration
	}{
		{"error", closed("error: shutting down idle subscription"), time.Second, 2 * time.Second},
		{"no prefix", closed("go away"), time.Second, 2 * time.Second},
		{"empty reason", closed(""), time.Second, 2 * time.Second},
		{"bad request", closed("ERROR: bad req: too big"), time.Second, 2 * time.Second},
		{"rate-limited", closed("rate-limited: slow down"), 30 * time.Second, time.Minute},
		{"strfry's rate limit", closed("ERROR: rate-limited: slow down"), 30 * time.Second, time.Minute},
		{"restricted", closed("restricted: not for you"), time.Hour, 2 * time.Hour},
		{"blocked", closed("blocked: not for you"), time.Hour, 2 * time.Hour},
		{"two elements", relaytest.AnswerTimes(1, "REQ", `["CLOSED","{{ID}}"]`), time.Second, 2 * time.Second},
		{
			"auth-required without a challenge", closed("auth-required: who are you"),
			5 * time.Second, 10 * time.Second,
		},
		{
			"notice only", relaytest.AnswerTimes(1, "REQ", `["NOTICE","ERROR: too many concurrent REQs"]`),
			15 * time.Second, 17 * time.Second,
		},
		{"silence", relaytest.AnswerTimes(1, "REQ"), 15 * time.Second, 17 * time.Second},
		{
			"another subscription's end", relaytest.AnswerTimes(1, "REQ", `["CLOSED","other","error: x"]`),
			15 * time.Second, 17 * time.Second,
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				net := relaytest.NewNetwork()
				r := net.New(t, "one.test", local.Options{}, tt.relay)
				start := time.Now()
				l := newClient(t, newPositions(), net.DialContext).listen(engine.Query{}, r.URL())
				r.Await("REQ", 1)
				e := note(t, "stored meanwhile")
				r.Publish(e)
				for len(r.Heard("REQ")) < 2 {
					pass(100 * time.Millisecond)
				}
				if took := time.Since(start); took < tt.least || took > tt.until+200*time.Millisecond {
					t.Errorf("asked again after %s, want %s to %s", took, tt.least, tt.until)
				}
				l.want(e)
				if n := r.Connections(); n != 1 {
					t.Errorf("%d connections, want 1", n)
				}
			})
		})
	}
}

func TestRefusalsAreNotAnsweredInALoop(t *testing.T) {
	t.Parallel()
	for reason, most := range map[string]int{
		"error: no":                    40,
		"rate-limited: no":             30,
		"blocked: no":                  2,
		"auth-required: always":        40,
		"ERROR: auth-required: always": 40,
	} {
		t.Run(reason, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				net := relaytest.NewNetwork()
				r := net.New(t, "one.test", local.Options{}, relaytest.Greet(`["AUTH","one"]`), relaytest.CloseOnce(-1, reason),
					relaytest.Answer("AUTH", `["OK","{{ID}}",true,""]`, `["AUTH","another"]`))
				newClient(t, newPositions(), net.DialContext).listen(engine.Query{}, r.URL())
				pass(time.Hour)
				if n := len(r.Heard("REQ")); n < 1 || n > most {
					t.Errorf("%d REQs within an hour of refusals, want at most %d", n, most)
				}
			})
		})
	}
}

func TestARelayThatNeverSendsEOSE(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		net := relaytest.NewNetwork()
		r := net.New(t, "one.test", local.Options{}, relaytest.NeverEOSE())
		stored := note(t, "stored")
		r.Publish(stored)
		p := newPositions()
		start := time.Now()
		l := newClient(t, p, net.DialContext).listen(engine.Query{}, r.URL())
		l.want(stored)
		pass(time.Hour)
		live := note(t, "live")
		r.Publish(live)
		l.want(live)
		if n := len(r.Heard("REQ")); n > 20 {
			t.Errorf("%d REQs within an hour", n)
		}
		for _, value := range p.all() {
			if sinceOf(t, value) > start.Unix() {
				t.Errorf("the position has moved to %s without proof", value)
			}
		}
		pass(6 * time.Minute)
		l.nothing()
	})
}

func TestOddEndsOfStoredEvents(t *testing.T) {
	t.Parallel()
	for name, b := range map[string]relaytest.Behaviour{
		"twice":               relaytest.Repeat("EOSE"),
		"with hints":          relaytest.Replace("EOSE", `["EOSE","{{ID}}",["finish"]]`),
		"of another first":    relaytest.Before("EOSE", `["EOSE","other"]`),
		"every event twice":   relaytest.Repeat("EVENT"),
		"count in between":    relaytest.Before("EOSE", `["COUNT","{{ID}}",{"count":1}]`),
		"a notice in between": relaytest.Before("EOSE", `["NOTICE","hello"]`),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := relaytest.New(t, b)
			stored, live := note(t, "stored"), note(t, "live")
			r.Publish(stored)
			l := newClient(t, newPositions(), nil).listen(engine.Query{}, r.URL())
			l.want(stored)
			r.Publish(live)
			l.want(live)
		})
	}
}

func TestAuthenticationToRead(t *testing.T) {
	t.Parallel()
	strfry := relaytest.Behaviour{Says: func(_ *relaytest.Conn, m relaytest.Message) []relaytest.Message {
		return []relaytest.Message{relaytest.Message(strings.Replace(string(m), `"auth-required:`, `"ERROR: auth-required:`, 1))}
	}}
	for name, b := range map[string]relaytest.Behaviour{
		"challenge on connect": {},
		"strfry's spelling":    strfry,
		"two challenges":       relaytest.Greet(`["AUTH","old"]`),
		"an empty challenge":   relaytest.Greet(`["AUTH",""]`),
		"a slow OK":            relaytest.Delay("OK", 50*time.Millisecond),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := relaytest.With(t, local.Options{AuthToRead: true}, b)
			stored := note(t, "stored")
			r.Publish(stored)
			c := newClient(t, newPositions(), nil)
			l := c.listen(engine.Query{Stream: "a"}, r.URL())
			other := c.listen(engine.Query{Stream: "b"}, r.URL())
			l.want(stored)
			other.want(stored)
			auths := r.Heard("AUTH")
			if len(auths) != 1 {
				t.Errorf("authenticated %d times on one connection, want once: %q", len(auths), auths)
			}
			e, _ := auths[0].Event()
			if relay := e.Tags.Find("relay"); len(relay) < 2 || relay[1] != r.URL() {
				t.Errorf("the relay tag is %v", relay)
			}
		})
	}
}

func TestNoAuthenticationWithoutARequest(t *testing.T) {
	t.Parallel()
	r := relaytest.New(t, relaytest.Greet(`["AUTH","tell me"]`))
	stored := note(t, "stored")
	r.Publish(stored)
	c := newClient(t, newPositions(), nil)
	c.listen(engine.Query{}, r.URL()).want(stored)
	if err := c.Publish(t.Context(), r.URL(), sign(t, botKey, nostr.Event{Kind: 1})); err != nil {
		t.Fatal(err)
	}
	if got := r.Heard("AUTH"); len(got) != 0 {
		t.Errorf("sent %q", got)
	}
}
