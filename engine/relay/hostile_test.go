package relay_test

import (
	"cmp"
	"context"
	"fmt"
	"net"
	"net/http"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/nbd-wtf/go-nostr"

	"rhea/engine"
	"rhea/engine/relay/local"
	"rhea/engine/relay/relaytest"
)

// TestHostileFrames sends each frame before the first frames of a relay, and then an honest event, which must arrive.
// Some frames carry a changed copy of an event; its honest copy comes last and must arrive once.
func TestHostileFrames(t *testing.T) {
	t.Parallel()
	target := note(t, "the event that forgers use")
	for name := range hostileFrames(t, "", target) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				net := relaytest.NewNetwork()
				target := note(t, "the event that forgers use")
				var said atomic.Int32
				r := net.New(t, "one.test", local.Options{}, relaytest.Behaviour{
					Says: func(_ *relaytest.Conn, m relaytest.Message) []relaytest.Message {
						if (m.Label() != "EVENT" && m.Label() != "EOSE") || said.Add(1) > 2 {
							return []relaytest.Message{m}
						}
						return []relaytest.Message{relaytest.Message(hostileFrames(t, m.ID(), target)[name]), m}
					},
				})
				good := make(chan *nostr.Event, 100)
				newClient(t, newPositions(), net.DialContext).listenWith(engine.Query{},
					func(ctx context.Context, got engine.Received) error {
						if verifying(ctx, got) == nil {
							good <- got.Event
						}
						return nil
					}, r.URL())
				r.Await("REQ", 1)
				honest := note(t, "honest")
				r.Publish(honest)
				r.Publish(target)
				pass(time.Minute)
				seen := make(map[string]int)
				for len(good) > 0 {
					seen[(<-good).ID]++
				}
				if len(seen) != 2 || seen[honest.ID] != 1 || seen[target.ID] != 1 {
					t.Errorf("delivered %v, want both events once", seen)
				}
				if n := r.Connections(); n != 1 {
					t.Errorf("%d connections, want 1", n)
				}
			})
		})
	}
}

// TestHostileFramesBeforeAnOK sends each frame before the OK for an event. Only frames about that event count.
func TestHostileFramesBeforeAnOK(t *testing.T) {
	t.Parallel()
	want := map[string]string{"OK replaced": "rejected", "OK mute ephemeral": "rejected"}
	for name := range hostileFrames(t, "", note(t, "")) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				net := relaytest.NewNetwork()
				e := note(t, "hello")
				frame := relaytest.Message(hostileFrames(t, "x", e)[name])
				r := net.New(t, "one.test", local.Options{}, relaytest.Before("OK", frame))
				start := time.Now()
				err := newClient(t, newPositions(), net.DialContext).Publish(t.Context(), r.URL(), e)
				if got := verdict(err); got != cmp.Or(want[name], "done") {
					t.Errorf("%s: %v", got, err)
				}
				if took := time.Since(start); took > time.Second || r.Connections() != 1 {
					t.Errorf("took %s and %d connections", took, r.Connections())
				}
			})
		})
	}
}

func TestFramesThatAreNoMessages(t *testing.T) {
	t.Parallel()
	r := relaytest.New(t, relaytest.Behaviour{Opened: func(c *relaytest.Conn) {
		c.SendBinary([]byte(`["NOTICE","binary"]`))
		c.SendBinary([]byte{0xff, 0xfe})
		c.Send(relaytest.Message(`["NOTICE","` + strings.Repeat("x", 1<<20) + `"]`))
		c.Send(relaytest.Message(strings.Repeat("[", 100_000)))
	}})
	stored := note(t, "stored")
	r.Publish(stored)
	newClient(t, newPositions(), nil).listen(engine.Query{}, r.URL()).want(stored)
	if n := r.Connections(); n != 1 {
		t.Errorf("%d connections, want 1", n)
	}
}

func TestAMessageWithoutEndEndsTheConnectionOnly(t *testing.T) {
	t.Parallel()
	r := relaytest.New(t, relaytest.OnConnection(1, relaytest.Behaviour{Opened: func(c *relaytest.Conn) {
		c.Send(relaytest.Message(strings.Repeat("x", 17<<20)))
	}}))
	stored := note(t, "stored")
	r.Publish(stored)
	newClient(t, newPositions(), nil).listen(engine.Query{}, r.URL()).want(stored)
	if n := r.Connections(); n != 2 {
		t.Errorf("%d connections, want 2", n)
	}
}

// TestCancelEndsSubscribeSoon cancels in every state of a subscription.
func TestCancelEndsSubscribeSoon(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		relay relaytest.Behaviour
		do    func(*relaytest.Relay)
	}{
		"subscribed":        {},
		"backing off":       {relay: relaytest.Refuse(http.StatusBadGateway)},
		"told to wait":      {relay: relaytest.CloseOnce(-1, "rate-limited: wait")},
		"never answered":    {relay: relaytest.Ignore("REQ")},
		"half-open":         {do: func(r *relaytest.Relay) { r.Freeze() }},
		"gone":              {do: func(r *relaytest.Relay) { r.Stop() }},
		"asked for AUTH":    {relay: relaytest.CloseOnce(-1, "auth-required: x")},
		"AUTH never taken":  {relay: relaytest.Ignore("AUTH")},
		"handshake delayed": {relay: relaytest.Behaviour{Upgrade: hang}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				net := relaytest.NewNetwork()
				r := net.New(t, "one.test", local.Options{}, tt.relay, relaytest.Greet(`["AUTH","c"]`))
				c := newClient(t, newPositions(), net.DialContext)
				l := c.listen(engine.Query{}, r.URL())
				pass(10 * time.Minute)
				if tt.do != nil {
					tt.do(r)
					pass(time.Second)
				}
				if took := l.stop(); took >= time.Second {
					t.Errorf("the subscription ended after %s", took)
				}
				start := time.Now()
				c.close()
				if took := time.Since(start); took >= time.Second {
					t.Errorf("the network closed after %s", took)
				}
			})
		})
	}
}

func hang(_ http.ResponseWriter, r *http.Request) bool {
	<-r.Context().Done()
	return true
}

func TestADialThatHangsIsGivenUp(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var dials atomic.Int32
		c := newClient(t, newPositions(), func(ctx context.Context, _, _ string) (net.Conn, error) {
			dials.Add(1)
			<-ctx.Done()
			return nil, ctx.Err()
		})
		l := c.listen(engine.Query{}, "ws://one.test")
		pass(2 * time.Minute)
		if n := dials.Load(); n < 3 {
			t.Errorf("%d tries in two minutes", n)
		}
		if took := l.stop(); took >= time.Second {
			t.Errorf("the subscription ended after %s", took)
		}
	})
}

func TestAPeerThatDoesNotReadIsGivenUp(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		net := relaytest.NewNetwork()
		r := net.New(t, "one.test", local.Options{}, relaytest.OnConnection(1, relaytest.Behaviour{
			Hears: func(c *relaytest.Conn, _ relaytest.Message) bool { c.Freeze(); return true },
		}))
		c := newClient(t, newPositions(), net.DialContext)
		c.listen(engine.Query{}, r.URL())
		r.Await("REQ", 1)
		start := time.Now()
		if err := c.Publish(t.Context(), r.URL(), sign(t, botKey, nostr.Event{Kind: 1})); err == nil {
			t.Error("published to a relay that reads nothing")
		}
		if took := time.Since(start); took > 21*time.Second {
			t.Errorf("gave up after %s", took)
		}
		r.Await("REQ", 2)
		if took := time.Since(start); took > time.Minute {
			t.Errorf("reconnected after %s", took)
		}
	})
}

// TestNoGoroutineIsLeft counts goroutines, so no other test may run beside it.
func TestNoGoroutineIsLeft(t *testing.T) {
	before := runtime.NumGoroutine()
	for i := range 5 {
		t.Run(fmt.Sprint(i), func(t *testing.T) {
			r, dead := relaytest.New(t), relaytest.New(t, relaytest.Ignore("REQ"))
			c := newClient(t, newPositions(), nil)
			e := note(t, fmt.Sprint("hello ", i))
			l := c.listen(engine.Query{Concurrency: 3}, r.URL(), dead.URL(), "ws://127.0.0.1:1")
			if err := c.Publish(t.Context(), r.URL(), e); err != nil {
				t.Fatal(err)
			}
			l.want(e)
			if _, err := c.Fetch(t.Context(), []string{r.URL()}, nostr.Filter{}); err != nil {
				t.Fatal(err)
			}
		})
	}
	deadline := time.After(10 * time.Second)
	for runtime.NumGoroutine() > before {
		select {
		case <-deadline:
			stacks := make([]byte, 1<<20)
			t.Fatalf("%d goroutines, %d before:\n%s", runtime.NumGoroutine(), before, stacks[:runtime.Stack(stacks, true)])
		case <-time.After(10 * time.Millisecond):
		}
	}
}
