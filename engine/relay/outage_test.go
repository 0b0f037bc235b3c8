package relay_test

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"rhea/engine"
	"rhea/engine/relay/local"
	"rhea/engine/relay/relaytest"
)

// TestAfterAnOutageAllRelaysAreTriedAtOnce cuts the network of the machine for hours: after an hour, after a moment,
// and from the start. When one relay can be reached again, all are tried.
func TestAfterAnOutageAllRelaysAreTriedAtOnce(t *testing.T) {
	t.Parallel()
	for name, before := range map[string]time.Duration{"later": time.Hour, "soon": 30 * time.Second, "from the start": 0} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				w := newWire(t, 6)
				w.cut(before == 0)
				c := newClient(t, newPositions(), w.DialContext)
				c.listen(engine.Query{}, w.urls()...)
				for range 2 {
					pass(before)
					w.cut(true)
					pass(2 * time.Hour)
					w.cut(false)
					for c.up() == 0 {
						pass(10 * time.Millisecond)
					}
					pass(2500 * time.Millisecond)
					if n := c.up(); n != 6 {
						t.Errorf("%d of 6 relays are connected soon after the first", n)
					}
				}
			})
		})
	}
}

// TestAFlappingRelayDoesNotWakeOthers counts the tries to reach relays that are down, beside one that connects and
// disconnects all the time.
func TestAFlappingRelayDoesNotWakeOthers(t *testing.T) {
	t.Parallel()
	for name, b := range map[string]relaytest.Behaviour{
		"none":                {Upgrade: retryAfter},
		"dies at once":        {Opened: func(c *relaytest.Conn) { c.Kill() }},
		"dies soon":           {Opened: dieAfter(10 * time.Second)},
		"lives for a while":   {Opened: dieAfter(70 * time.Second)},
		"comes every second":  everyOther(),
		"dies when spoken to": relaytest.KillOn("REQ"),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				w := newWire(t, 3, b)
				for _, r := range w.relays[1:] {
					r.Stop()
				}
				newClient(t, newPositions(), w.DialContext).listen(engine.Query{}, w.urls()...)
				pass(3 * time.Hour)
				for _, r := range w.relays[1:] {
					// A relay that is alone in being down is tried some 67 times in the first hour and 24 in each other.
					if n := w.tries(r); n < 85 || n > 150 {
						t.Errorf("a relay that is down was tried %d times in three hours", n)
					}
				}
			})
		})
	}
}

// TestAnOutageOutlastsItsSession uses a relay that is down again and again, with breaks in which the session ends: the
// relay is tried as rarely as if the session had lasted.
func TestAnOutageOutlastsItsSession(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWire(t, 1)
		w.cut(true)
		c := newClient(t, newPositions(), w.DialContext)
		var before int
		for i := range 20 {
			if i == 4 {
				before = w.tries(w.relays[0])
			}
			l := c.listen(engine.Query{}, w.urls()...)
			pass(2 * time.Minute)
			l.stop()
			pass(4 * time.Minute) // The session outlives its last user by three.
		}
		// Each session tries at once and then, on average, less than twice in its five minutes.
		if n := w.tries(w.relays[0]) - before; n < 16 || n > 80 {
			t.Errorf("a relay that is down was tried %d times by 16 sessions", n)
		}
	})
}

// everyOther refuses every other connection and ends the others after a second.
func everyOther() relaytest.Behaviour {
	tries := 0
	return relaytest.Behaviour{
		Upgrade: func(w http.ResponseWriter, _ *http.Request) bool {
			if tries++; tries%2 == 1 {
				http.Error(w, "no", http.StatusBadGateway)
			}
			return tries%2 == 1
		},
		Opened: dieAfter(time.Second),
	}
}

// cable is the machine's own network: it can be cut.
type cable struct {
	net    *relaytest.Network
	relays []*relaytest.Relay

	mu    sync.Mutex
	isCut bool
	tried map[string]int
}

// newWire leads to some relays, of which the first misbehaves.
func newWire(t *testing.T, relays int, b ...relaytest.Behaviour) *cable {
	w := &cable{net: relaytest.NewNetwork(), tried: make(map[string]int)}
	for i := range relays {
		w.relays = append(w.relays, w.net.New(t, fmt.Sprintf("r%d.test", i), local.Options{}, b...))
		b = nil
	}
	return w
}

func (w *cable) urls() (urls []string) {
	for _, r := range w.relays {
		urls = append(urls, r.URL())
	}
	return urls
}

func (w *cable) cut(isCut bool) {
	w.mu.Lock()
	w.isCut = isCut
	w.mu.Unlock()
	if isCut {
		for _, r := range w.relays {
			r.Freeze()
		}
	}
}

func (w *cable) DialContext(ctx context.Context, network, address string) (net.Conn, error) {
	w.mu.Lock()
	w.tried[address]++
	isCut := w.isCut
	w.mu.Unlock()
	if isCut {
		return nil, &net.OpError{Op: "dial", Err: fmt.Errorf("network is unreachable")}
	}
	return w.net.DialContext(ctx, network, address)
}

func (w *cable) tries(r *relaytest.Relay) int {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.tried[strings.TrimPrefix(r.URL(), "ws://")+":80"]
}

// up counts the relays with a connection.
func (c *client) up() (n int) {
	for _, s := range c.Status() {
		if s.Up {
			n++
		}
	}
	return n
}
