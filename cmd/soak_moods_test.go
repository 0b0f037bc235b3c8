package cmd_test

import (
	"maps"
	"math/rand/v2"
	"net/http"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/nbd-wtf/go-nostr"

	"rhea/engine/relay/relaytest"
)

// moods are all the ways in which a relay misbehaves in the soak. What is counted or remembered by a behaviour is
// counted anew each time the mood comes.
func moods(t *testing.T) map[string]func() []relaytest.Behaviour {
	one := func(b func() relaytest.Behaviour) func() []relaytest.Behaviour {
		return func() []relaytest.Behaviour { return []relaytest.Behaviour{b()} }
	}
	always := func(b ...relaytest.Behaviour) func() []relaytest.Behaviour {
		return func() []relaytest.Behaviour { return b }
	}
	refuses := func(reason string) func() []relaytest.Behaviour {
		return always(sometimes(relaytest.CloseOnce(-1, reason)))
	}
	answers := func(ok bool, reason string) func() []relaytest.Behaviour {
		return always(sometimes(relaytest.OK(ok, reason)))
	}
	odd := nostr.Event{Kind: 7, Content: "+", CreatedAt: nostr.Now()}
	if err := odd.Sign(visitorSecret); err != nil {
		t.Fatal(err)
	}
	return map[string]func() []relaytest.Behaviour{
		"honest":                 always(),
		"delays":                 always(relaytest.Delay("", 300*time.Millisecond)),
		"loses events":           always(sometimes(relaytest.Drop("EVENT"))),
		"loses what comes first": always(relaytest.LoseFirst(time.Second)),
		"reads slowly":           always(relaytest.SlowRead(64, 100*time.Millisecond)),
		"writes slowly":          always(relaytest.SlowWrite(256, 100*time.Millisecond)),
		"resets on REQ":          always(sometimes(relaytest.ResetOn("REQ"))),
		"resets on EVENT":        always(sometimes(relaytest.ResetOn("EVENT"))),
		"hangs up on EVENT":      always(sometimes(relaytest.KillOn("EVENT"))),
		"half-open on REQ":       always(sometimes(relaytest.FreezeOn("REQ"))),
		"half-open on EVENT":     always(sometimes(relaytest.FreezeOn("EVENT"))),
		"forbidden":              always(turnsAway(http.StatusForbidden)),
		"too many requests":      always(turnsAway(http.StatusTooManyRequests)),
		"bad gateway":            always(turnsAway(http.StatusBadGateway)),
		"redirects":              always(turnsAway(http.StatusFound)),
		"forges ids":             always(relaytest.ForgeIDs()),
		"forges signatures":      always(relaytest.ForgeSignatures()),
		"forges first":           always(relaytest.ForgeFirst()),
		"what nobody asked for":  always(relaytest.Slip(odd), relaytest.After("EOSE", relaytest.Say("EVENT", "{{ID}}", odd))),
		"says everything twice":  always(relaytest.Repeat("EVENT"), relaytest.Repeat("EOSE")),
		"reorders":               one(func() relaytest.Behaviour { return relaytest.Reorder("EVENT") }),
		"never says EOSE":        always(relaytest.NeverEOSE()),
		"ignores limits":         always(relaytest.IgnoreLimits()),
		"forgets subscriptions":  one(forgets),
		"few subscriptions": one(func() relaytest.Behaviour {
			return relaytest.LimitSubscriptions(1, `["CLOSED","{{ID}}","error: too many"]`)
		}),
		"closes":                     refuses("error: shutting down idle subscription"),
		"closes, blocked":            refuses("blocked: no"),
		"closes, restricted":         refuses("restricted: no"),
		"closes, AUTH":               refuses("auth-required: who are you?"),
		"closes, AUTH like strfry":   refuses("ERROR: auth-required: requested filter requires authentication"),
		"closes, rate-limited":       refuses("rate-limited: wait"),
		"closes in two elements":     always(sometimes(relaytest.Answer("REQ", `["CLOSED","{{ID}}"]`))),
		"a notice for CLOSED":        always(sometimes(relaytest.Answer("REQ", `["NOTICE","ERROR: bad req"]`))),
		"silent about REQ":           always(sometimes(relaytest.Ignore("REQ"))),
		"true without keeping":       answers(true, ""),
		"no OK":                      always(sometimes(relaytest.Ignore("EVENT"))),
		"OK in three elements":       always(sometimes(relaytest.Answer("EVENT", `["OK","{{ID}}",false]`))),
		"OK for another":             always(sometimes(relaytest.Answer("EVENT", relaytest.Say("OK", strings.Repeat("0", 64), true, "")))),
		"OK rate-limited":            answers(false, "rate-limited: slow down"),
		"OK error":                   answers(false, "error: try again"),
		"OK duplicate":               answers(false, "duplicate: have it"),
		"OK auth-required":           answers(false, "auth-required: who are you?"),
		"greets with two challenges": always(relaytest.Greet(`["AUTH","a"]`, `["AUTH","b"]`)),
		"asks in the middle":         always(relaytest.Before("EVENT", `["AUTH","c"]`)),
		"oversized":                  always(relaytest.Oversized(1 << 20)),
		"binary":                     always(relaytest.Binary()),
		"deep":                       always(relaytest.Deep(10_000)),
		"malformed":                  always(relaytest.Malformed()),
		"hostile frames":             always(hostileFrames()),
	}
}

// sometimes has a behaviour show one time in ten.
func sometimes(b relaytest.Behaviour) relaytest.Behaviour {
	limited := b
	if b.Hears != nil {
		limited.Hears = func(c *relaytest.Conn, m relaytest.Message) bool { return rand.N(10) > 0 || b.Hears(c, m) }
	}
	if b.Says != nil {
		limited.Says = func(c *relaytest.Conn, m relaytest.Message) []relaytest.Message {
			if rand.N(10) > 0 {
				return []relaytest.Message{m}
			}
			return b.Says(c, m)
		}
	}
	return limited
}

// turnsAway refuses every second handshake.
func turnsAway(status int) relaytest.Behaviour {
	return relaytest.Behaviour{Upgrade: func(w http.ResponseWriter, _ *http.Request) bool {
		refuses := rand.N(2) == 0
		if refuses {
			w.Header().Set("Retry-After", "2")
			w.Header().Set("Location", "http://127.0.0.1:1/")
			http.Error(w, "no", status)
		}
		return refuses
	}}
}

func forgets() relaytest.Behaviour {
	var on atomic.Bool
	on.Store(true)
	return relaytest.Forget(&on)
}

// hostileFrames says one of the hostile frames that the relay room is tested with before each event.
func hostileFrames() relaytest.Behaviour {
	return relaytest.Behaviour{Says: func(_ *relaytest.Conn, m relaytest.Message) []relaytest.Message {
		e, ok := m.Event()
		if !ok {
			return []relaytest.Message{m}
		}
		other := e
		other.Kind = 7
		other.ID = other.GetID()
		frames := slices.Collect(maps.Values(relaytest.HostileFrames(m.ID(), e, other)))
		return []relaytest.Message{relaytest.Message(frames[rand.N(len(frames))]), m}
	}}
}

// swing gives a relay its next mood, in an order in which all relays together go through all of them. The connections
// are ended, because some moods begin with the connection.
type swing struct {
	names []string
	of    map[string]func() []relaytest.Behaviour
	next  int
}

func newSwing(t *testing.T) *swing {
	of := moods(t)
	names := slices.Sorted(maps.Keys(of))
	rand.Shuffle(len(names), func(i, j int) { names[i], names[j] = names[j], names[i] })
	return &swing{names: names, of: of}
}

func (s *swing) give(r *relaytest.Relay) {
	r.Behave(s.of[s.names[s.next%len(s.names)]]()...)
	s.next++
	r.Kill()
}
