package relay_test

import (
	"context"
	"fmt"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/nbd-wtf/go-nostr"

	"rhea/engine"
	"rhea/engine/relay/local"
	"rhea/engine/relay/relaytest"
)

// TestACutAnswerIsReadToItsEnd misses more events than the relay gives in one answer.
func TestACutAnswerIsReadToItsEnd(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		relays []relaytest.Behaviour
		missed int
		busy   time.Duration
	}{
		"honest":                    {nil, 130, 0},
		"more than the query holds": {nil, 600, 10 * time.Minute},
		"dies in between":           {[]relaytest.Behaviour{relaytest.OnConnection(2, dieOnREQ(4))}, 130, 0},
		"refuses in between":        {[]relaytest.Behaviour{refuseREQ(5, "rate-limited: slow down")}, 130, 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				net := relaytest.NewNetwork()
				r := net.New(t, "one.test", local.Options{MaxLimit: 30}, tt.relays...)
				p := newPositions()
				c := newClient(t, p, net.DialContext)
				free := make(chan struct{})
				l := c.listenWith(engine.Query{Filters: nostr.Filters{{Kinds: []int{1}}, {Kinds: []int{7}}}},
					func(context.Context, engine.Received) error { <-free; return nil }, r.URL())
				r.Await("REQ", 1)
				pass(time.Minute)
				r.Stop()
				from := time.Now().Unix()
				var missed []nostr.Event
				for i := range tt.missed {
					// Up to eight in one second, and of one kind more often than of the other.
					e := sign(t, aliceKey, nostr.Event{
						Kind: 1 + 6*(i%5/4), Content: fmt.Sprint(i), CreatedAt: nostr.Timestamp(from + int64(i/8)),
					})
					missed = append(missed, e)
					r.Publish(e)
				}
				pass(time.Hour)
				r.Start()
				time.AfterFunc(tt.busy, func() { close(free) })
				l.want(missed...)
				pass(10 * time.Minute)
				l.nothing()
				for _, value := range p.all() {
					if since := sinceOf(t, value); since < time.Now().Add(-time.Minute).Unix() {
						t.Errorf("the position %s does not move on", value)
					}
				}
			})
		})
	}
}

// dieOnREQ kills a connection at its n-th REQ.
func dieOnREQ(n int32) relaytest.Behaviour {
	var heard atomic.Int32
	return relaytest.Behaviour{Hears: func(c *relaytest.Conn, m relaytest.Message) bool {
		if m.Label() == "REQ" && heard.Add(1) == n {
			c.Kill()
		}
		return true
	}}
}

// refuseREQ refuses the n-th REQ.
func refuseREQ(n int32, reason string) relaytest.Behaviour {
	var heard atomic.Int32
	return relaytest.Behaviour{Hears: func(c *relaytest.Conn, m relaytest.Message) bool {
		if m.Label() != "REQ" || heard.Add(1) != n {
			return true
		}
		c.Send(relaytest.Say("CLOSED", m.ID(), reason))
		return false
	}}
}

// TestASecondOfManyEventsIsReadToItsEnd misses more events of one second than the relay gives in one answer.
func TestASecondOfManyEventsIsReadToItsEnd(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		net := relaytest.NewNetwork()
		r := net.New(t, "one.test", local.Options{MaxLimit: 30})
		c := newClient(t, newPositions(), net.DialContext)
		all := c.crowd(0, 8, r.URL())
		r.Await("REQ", 1)
		pass(time.Minute)
		r.Stop()
		missed := make([][]nostr.Event, len(all))
		for i := range 160 {
			e := mention(t, person(i%len(all)), fmt.Sprint(i))
			missed[i%len(all)] = append(missed[i%len(all)], e)
			r.Publish(e)
		}
		pass(time.Hour)
		r.Start()
		for i, l := range all {
			l.want(missed[i]...)
		}
	})
}

// TestAFullSecondIsReportedInTheStatus misses more events of one second than the relay gives to a filter that cannot be
// divided.
func TestAFullSecondIsReportedInTheStatus(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		net := relaytest.NewNetwork()
		r := net.New(t, "one.test", local.Options{MaxLimit: 30})
		c := newClient(t, newPositions(), net.DialContext)
		c.listen(engine.Query{}, r.URL())
		pass(time.Minute)
		r.Stop()
		for _, e := range numbered(t, 100) {
			r.Publish(e)
		}
		second := time.Now().UTC().Format(time.RFC3339)
		pass(time.Minute)
		if gap := c.Status()[0].Gap; gap != "" {
			t.Errorf("before the relay is back: %q", gap)
		}
		r.Start()
		pass(10 * time.Minute)
		if gap, want := c.Status()[0].Gap, second+" holds more events than the relay gives at once"; gap != want {
			t.Errorf("the status says %q, want %q", gap, want)
		}
	})
}
