package delivery

import (
	"context"
	"errors"
	"log/slog"
	"testing"
	"time"

	"github.com/nbd-wtf/go-nostr"

	"rhea/engine"
)

// TestTwoRulesMakeOneEvent has two rules say the same in the same second, one of them in vain.
func TestTwoRulesMakeOneEvent(t *testing.T) {
	t.Parallel()
	f := newTracker(nil)
	owed := func(rule string, number int64, quorum int, relays ...string) (all []engine.Delivery) {
		for _, relay := range relays {
			all = append(all, engine.Delivery{
				Rule: rule, Event: nostr.Event{ID: "same"}, Number: number, Relay: relay, Quorum: quorum, Committed: time.Now(),
			})
		}
		return all
	}
	one, two := owed("one", 1, 2, "a", "b"), owed("two", 2, 2, "a", "b", "b")
	lost := owed("lost", 0, 1, "a", "b")
	f.owe(one)
	f.owe(two)
	f.owe(lost)
	f.disown(lost)
	try := func(d engine.Delivery) news {
		t.Helper()
		e, ok, err := f.begin(t.Context(), d)
		if !ok || err != nil {
			t.Fatalf("begin: %v, %v", ok, err)
		}
		return f.end(e, d, engine.Settlement{State: engine.Accepted}, false, true)
	}
	for _, c := range []struct {
		d                engine.Delivery
		first, delivered bool
	}{{one[0], true, false}, {two[0], true, false}, {one[1], false, true}, {two[1], false, true}} {
		ended, cancel := context.WithCancel(t.Context())
		cancel()
		if n := f.settled(ended); n == 0 {
			t.Error("settled before every relay was asked")
		}
		if n := try(c.d); n.first != c.first || n.delivered != c.delivered || n.relays != 2 {
			t.Errorf("%s at %s: %+v", c.d.Rule, c.d.Relay, n)
		}
	}
	if len(f.byID) != 1 {
		t.Error("an event is forgotten before it was told why it was made")
	}
	f.told(one)
	f.told(two)
	if n := f.settled(t.Context()); n != 0 || len(f.byID) != 0 {
		t.Errorf("%d are untried, %d are followed", n, len(f.byID))
	}
}

// TestTheBreakerCloses lets a relay answer after a long outage: the next outage begins with a short rest.
func TestTheBreakerCloses(t *testing.T) {
	t.Parallel()
	for name, v := range map[string]answer{
		"a yes": judge(nil), "a no": judge(&engine.Rejection{Reason: "invalid: no"}), "later": judge(&engine.Later{After: time.Second}),
	} {
		l := &relayState{log: slog.New(slog.DiscardHandler), suspensions: make(map[string]*suspension)}
		d := engine.Delivery{Event: nostr.Event{ID: "a", PubKey: "b"}, Relay: "wss://relay.example"}
		away := judge(&engine.Unreachable{Err: errors.New("refused")})
		now := time.Now()
		try := func(v answer) engine.Settlement {
			t.Helper()
			turn, _, ok := l.enter(d.Event.PubKey, now)
			if !ok {
				t.Fatal("nothing may be sent")
			}
			return l.settle(d, v, turn, now)
		}
		for range 12 {
			s := try(away)
			now = s.Rest
		}
		if l.away() == "" {
			t.Fatal("the relay does not count as away")
		}
		try(v)
		if l.away() != "" {
			t.Errorf("after %s the relay still counts as away: %s", name, l.away())
		}
		l.forgive()
		if rest := try(away).Rest.Sub(now); rest > firstRest {
			t.Errorf("after %s the next outage begins with a rest of %s", name, rest)
		}
	}
}
