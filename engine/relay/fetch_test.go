package relay_test

import (
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/nbd-wtf/go-nostr"

	"rhea/engine"
	"rhea/engine/relay/local"
	"rhea/engine/relay/relaytest"
)

func TestFetchMergesRelaysNewestFirst(t *testing.T) {
	t.Parallel()
	one, two, empty := relaytest.New(t), relaytest.New(t, relaytest.ForgeFirst()), relaytest.New(t)
	liar := relaytest.New(t, relaytest.ForgeSignatures(), relaytest.Slip(sign(t, bobKey, nostr.Event{Kind: 7})))
	a, b, c := noteAt(t, "a", -time.Minute), noteAt(t, "b", -2*time.Minute), noteAt(t, "c", -3*time.Minute)
	unsigned := noteAt(t, "only the liar has it", -4*time.Minute)
	for r, events := range map[*relaytest.Relay][]nostr.Event{one: {c, a}, two: {b, a}, liar: {a, b, unsigned}} {
		for _, e := range events {
			r.Publish(e)
		}
	}
	got, err := newClient(t, newPositions(), nil).Fetch(t.Context(),
		[]string{one.URL(), two.URL(), empty.URL(), liar.URL()}, nostr.Filter{Kinds: []int{1}})
	if err != nil || len(got) != 3 || got[0].ID != a.ID || got[1].ID != b.ID || got[2].ID != c.ID {
		t.Errorf("got %v, %v", got, err)
	}
}

func TestFetchDistinguishesSilenceFromNoEvents(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		relay    relaytest.Behaviour
		fails    bool
		atLeast  time.Duration
		somewhat int
	}{
		"nothing stored":       {relay: relaytest.Drop("EVENT")},
		"no EOSE":              {relay: relaytest.NeverEOSE(), atLeast: 15 * time.Second, somewhat: 1},
		"silence":              {relay: relaytest.Ignore("REQ"), fails: true, atLeast: 15 * time.Second},
		"refused":              {relay: relaytest.CloseOnce(-1, "blocked: no"), fails: true},
		"asks for a signature": {relay: relaytest.CloseOnce(-1, "auth-required: no"), fails: true},
		"dies":                 {relay: relaytest.KillOn("REQ"), fails: true},
		"handshake refused":    {relay: relaytest.Refuse(502), fails: true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				net := relaytest.NewNetwork()
				r := net.New(t, "one.test", local.Options{}, tt.relay)
				r.Publish(note(t, "stored"))
				start := time.Now()
				got, err := newClient(t, newPositions(), net.DialContext).Fetch(t.Context(), []string{r.URL()}, nostr.Filter{})
				if (err != nil) != tt.fails || len(got) != tt.somewhat || time.Since(start) < tt.atLeast {
					t.Errorf("%v, %v after %s", got, err, time.Since(start))
				}
			})
		})
	}
}

func TestFetchSurvivesOneDeadRelay(t *testing.T) {
	t.Parallel()
	r := relaytest.New(t)
	e := note(t, "hello")
	r.Publish(e)
	c := newClient(t, newPositions(), nil)
	got, err := c.Fetch(t.Context(), []string{r.URL(), "ws://127.0.0.1:1"}, nostr.Filter{})
	if err != nil || len(got) != 1 {
		t.Errorf("%v, %v", got, err)
	}
	if got, err := c.Fetch(t.Context(), []string{r.URL()}, nostr.Filter{IDs: []string{}}); err != nil || got != nil {
		t.Errorf("a filter that matches nothing: %v, %v", got, err)
	}
}

func TestFetchSharesASubscribersConnection(t *testing.T) {
	t.Parallel()
	r := relaytest.With(t, local.Options{AuthToRead: true})
	e := note(t, "hello")
	r.Publish(e)
	c := newClient(t, newPositions(), nil)
	c.listen(engine.Query{}, r.URL()).want(e)
	got, err := c.Fetch(t.Context(), []string{r.URL()}, nostr.Filter{})
	if err != nil || len(got) != 1 || r.Connections() != 1 {
		t.Errorf("%v, %v over %d connections", got, err, r.Connections())
	}
}

// TestFetchDoesNotWaitForARelayThatIsDown fetches while a relay is down, and after it is back.
func TestFetchDoesNotWaitForARelayThatIsDown(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		net := relaytest.NewNetwork()
		r, other := net.New(t, "one.test", local.Options{}), net.New(t, "two.test", local.Options{})
		r.Publish(note(t, "stored"))
		c := newClient(t, newPositions(), net.DialContext)
		c.listen(engine.Query{}, r.URL(), other.URL())
		pass(time.Second)
		fetch := func(want int, away bool, relays ...string) {
			t.Helper()
			start := time.Now()
			got, err := c.Fetch(t.Context(), relays, nostr.Filter{Limit: 1})
			_, unreachable := errors.AsType[*engine.Unreachable](err)
			if took := time.Since(start); len(got) != want || unreachable != away || took > 0 {
				t.Errorf("%d events, %v after %s", len(got), err, took)
			}
		}
		fetch(1, false, r.URL(), other.URL())
		r.Stop()
		pass(100 * time.Millisecond) // The next try is due within seconds.
		fetch(0, true, r.URL())
		fetch(0, false, r.URL(), other.URL())
		r.Start()
		pass(10 * time.Minute)
		fetch(1, false, r.URL(), other.URL())
	})
}
