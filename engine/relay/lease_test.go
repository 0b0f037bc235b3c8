package relay_test

import (
	"fmt"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/nbd-wtf/go-nostr"

	"rhea/engine"
	"rhea/engine/relay"
	"rhea/engine/relay/local"
	"rhea/engine/relay/relaytest"
)

// cast are identities of one bot, by public key.
type cast map[string]keySigner

func newCast(n int) (cast, []keySigner) {
	c := make(cast)
	var all []keySigner
	for i := range n {
		k := keySigner(fmt.Sprintf("%064x", i+100))
		c[k.PublicKey()], all = k, append(all, k)
	}
	return c, all
}

func (c cast) signer(pubkey string) engine.Signer {
	if k, ok := c[pubkey]; ok {
		return k
	}
	return nil
}

// TestIdentitiesShareAConnection has ten identities read and write on one relay, with and without authentication, while
// events arrive. They share one connection until the relay demands authentication; no event is lost or delivered twice
// in the move.
func TestIdentitiesShareAConnection(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		opts  local.Options
		relay relaytest.Behaviour
		conns int
	}{
		"open":                   {local.Options{}, relaytest.Behaviour{}, 1},
		"asks and does not mind": {local.Options{}, relaytest.Greet(`["AUTH","c"]`), 1},
		"reading needs AUTH":     {local.Options{AuthToRead: true}, relaytest.Behaviour{}, 10},
		"writing needs AUTH":     {local.Options{AuthToWrite: true}, relaytest.Behaviour{}, 11},
		"everything needs AUTH":  {local.Options{AuthToRead: true, AuthToWrite: true}, relaytest.Behaviour{}, 10},
		"the challenge is late":  {local.Options{AuthToRead: true}, relaytest.Delay("AUTH", time.Second), 10},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				net := relaytest.NewNetwork()
				r := net.New(t, "one.test", tt.opts, tt.relay)
				signers, all := newCast(10)
				c := &client{Network: relay.New(relay.Options{
					Positions: newPositions(), Signer: signers.signer, DialContext: net.DialContext,
				}), tb: t, patience: time.Minute}
				defer c.close()
				var listening []*listening
				for i, k := range all {
					listening = append(listening, c.listen(engine.Query{
						Stream: fmt.Sprint(i), Pubkey: k.PublicKey(), Filters: nostr.Filters{{Kinds: []int{1}, Tags: nostr.TagMap{"p": {k.PublicKey()}}}},
					}, r.URL()))
				}
				mentions := make([][]nostr.Event, len(all))
				for n := range 50 {
					for i, k := range all {
						mentions[i] = append(mentions[i], mention(t, k.PublicKey(), fmt.Sprint(n)))
						r.Publish(mentions[i][n])
					}
					pass(100 * time.Millisecond)
				}
				for i, l := range listening {
					l.want(mentions[i]...)
				}
				var publishing sync.WaitGroup
				for range 2 {
					for _, k := range all {
						publishing.Go(func() {
							if err := c.Publish(t.Context(), r.URL(), sign(t, string(k), nostr.Event{Kind: 7})); err != nil {
								t.Error(err)
							}
						})
					}
					publishing.Wait()
				}
				if n := len(r.Local.Query(nostr.Filter{Kinds: []int{7}})); n != 10 {
					t.Errorf("the relay has %d events of 10", n)
				}
				pass(10 * time.Minute)
				for _, l := range listening {
					l.nothing()
				}
				if n := r.Connections(); n != tt.conns {
					t.Errorf("%d connections, want %d", n, tt.conns)
				}
			})
		})
	}
}

// TestAStandingQueryMovesWithoutLoss has a relay close all subscriptions and demand authentication. One of two
// identities cannot authenticate; it is served again when the relay no longer demands it.
func TestAStandingQueryMovesWithoutLoss(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		net := relaytest.NewNetwork()
		r := net.New(t, "one.test", local.Options{})
		signers, all := newCast(3)
		delete(signers, all[2].PublicKey())
		c := &client{Network: relay.New(relay.Options{
			Positions: newPositions(), Signer: signers.signer, DialContext: net.DialContext,
		}), tb: t, patience: 12 * time.Hour}
		defer c.close()
		var listening []*listening
		for i, k := range all {
			listening = append(listening, c.listen(engine.Query{
				Stream: fmt.Sprint(i), Pubkey: k.PublicKey(), Filters: nostr.Filters{{Kinds: []int{1}, Tags: nostr.TagMap{"p": {k.PublicKey()}}}},
			}, r.URL()))
		}
		var sent []nostr.Event
		for n := range 100 {
			if n == 50 {
				r.Behave(knownOnly())
				for _, m := range r.Heard("REQ") {
					r.Send(relaytest.Say("CLOSED", m.ID(), "auth-required: who are you"))
				}
			}
			for _, k := range all {
				sent = append(sent, mention(t, k.PublicKey(), fmt.Sprint(n)))
				r.Publish(sent[len(sent)-1])
			}
			pass(100 * time.Millisecond)
		}
		of := func(i int) (events []nostr.Event) {
			for n := i; n < len(sent); n += len(all) {
				events = append(events, sent[n])
			}
			return events
		}
		pass(time.Minute)
		if n := len(listening[2].got); n != 50 {
			t.Errorf("who cannot say who it is got %d events", n)
		}
		for i := range 2 {
			if n := len(listening[i].got); n != 100 {
				t.Errorf("identity %d got %d events of 100 within a minute", i, n)
			}
			listening[i].want(of(i)...)
		}
		if n := r.Connections(); n != 3 {
			t.Errorf("%d connections, want one for each that can sign and the shared one", n)
		}
		before := len(r.Heard("REQ"))
		pass(time.Hour)
		if n := len(asked(r)) - before; n > 10 {
			t.Errorf("asked %d times within an hour", n)
		}
		r.Behave()
		listening[2].want(of(2)...)
	})
}

// knownOnly refuses what is asked for on connections that have not authenticated.
func knownOnly() relaytest.Behaviour {
	var mu sync.Mutex
	known := make(map[*relaytest.Conn]bool)
	return relaytest.Behaviour{Hears: func(c *relaytest.Conn, m relaytest.Message) bool {
		mu.Lock()
		defer mu.Unlock()
		switch m.Label() {
		case "AUTH":
			known[c] = true
			c.Send(relaytest.Say("OK", m.ID(), true, ""))
			return false
		case "REQ":
			if !known[c] {
				c.Send(relaytest.Say("AUTH", "c"))
				c.Send(relaytest.Say("CLOSED", m.ID(), "auth-required: who are you"))
			}
			return known[c]
		}
		return true
	}}
}
