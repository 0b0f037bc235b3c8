package relay_test

import (
	"io"
	"log/slog"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"rhea/engine"
	"rhea/engine/relay"
	"rhea/engine/relay/local"
	"rhea/engine/relay/relaytest"
)

func TestReconnectsAreSpacedAndCounted(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		relay       relaytest.Behaviour
		least, most int
	}{
		"dies at once":            {relaytest.Behaviour{Opened: func(c *relaytest.Conn) { c.Kill() }}, 45, 90},
		"dies when spoken to":     {relaytest.KillOn("REQ"), 45, 90},
		"lives for two minutes":   {relaytest.Behaviour{Opened: dieAfter(2 * time.Minute)}, 25, 31},
		"lives for five seconds":  {relaytest.Behaviour{Opened: dieAfter(5 * time.Second)}, 120, 250},
		"sends endless nonsense":  {relaytest.Before("EOSE", `[[[[`, `["EVENT"`, ``), 1, 1},
		"redirects":               {relaytest.Behaviour{Upgrade: redirect}, 0, 0},
		"refuses for ten minutes": {relaytest.Behaviour{Upgrade: retryAfter}, 0, 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				net := relaytest.NewNetwork()
				r := net.New(t, "one.test", local.Options{}, tt.relay)
				newClient(t, newPositions(), net.DialContext).listen(engine.Query{}, r.URL())
				pass(time.Hour)
				if n := r.Connections(); n < tt.least || n > tt.most {
					t.Errorf("%d connections in an hour, want %d to %d", n, tt.least, tt.most)
				}
			})
		})
	}
}

func dieAfter(d time.Duration) func(*relaytest.Conn) {
	return func(c *relaytest.Conn) { time.AfterFunc(d, c.Kill) }
}

func redirect(w http.ResponseWriter, r *http.Request) bool {
	http.Redirect(w, r, "http://127.0.0.1:1/", http.StatusMovedPermanently)
	return true
}

func retryAfter(w http.ResponseWriter, _ *http.Request) bool {
	w.Header().Set("Retry-After", "600")
	http.Error(w, "slow down", http.StatusTooManyRequests)
	return true
}

func TestRetryAfterIsHonoured(t *testing.T) {
	t.Parallel()
	for value, want := range map[string]time.Duration{"600": 10 * time.Minute, "99999999999": time.Hour} {
		t.Run(value, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				net := relaytest.NewNetwork()
				var mu sync.Mutex
				var tries []time.Time
				r := net.New(t, "one.test", local.Options{}, relaytest.Behaviour{
					Upgrade: func(w http.ResponseWriter, _ *http.Request) bool {
						mu.Lock()
						defer mu.Unlock()
						tries = append(tries, time.Now())
						w.Header().Set("Retry-After", value)
						http.Error(w, "slow down", http.StatusTooManyRequests)
						return true
					},
				})
				newClient(t, newPositions(), net.DialContext).listen(engine.Query{}, r.URL())
				pass(3*want + time.Minute)
				mu.Lock()
				defer mu.Unlock()
				if len(tries) < 3 {
					t.Fatalf("%d tries", len(tries))
				}
				for i := range tries[1:] {
					if gap := tries[i+1].Sub(tries[i]); gap < want {
						t.Errorf("tried again after %s", gap)
					}
				}
			})
		})
	}
}

func TestAFlappingRelayIsLoggedOncePerChange(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		net := relaytest.NewNetwork()
		r := net.New(t, "one.test", local.Options{})
		var log lines
		n := relay.New(relay.Options{
			Positions: newPositions(), Log: slog.New(slog.NewTextHandler(&log, nil)), DialContext: net.DialContext,
		})
		c := &client{Network: n, tb: t, patience: time.Hour}
		defer c.close()
		c.listen(engine.Query{}, r.URL())
		for range 3 {
			pass(time.Hour)
			r.Stop()
			pass(24 * time.Hour)
			r.Start()
		}
		pass(time.Hour)
		if got := log.count(); got != 7 {
			t.Errorf("%d lines for 7 changes of state:\n%s", got, log.String())
		}
	})
}

// TestARelayThatComesAndGoesIsLoggedAsAway counts the log lines about relays whose connections do not last.
func TestARelayThatComesAndGoesIsLoggedAsAway(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		relay       relaytest.Behaviour
		least, most int
	}{
		"dies at once":          {relaytest.Behaviour{Opened: func(c *relaytest.Conn) { c.Kill() }}, 2, 2},
		"dies when spoken to":   {relaytest.KillOn("REQ"), 2, 2},
		"lives for ten seconds": {relaytest.Behaviour{Opened: dieAfter(10 * time.Second)}, 2, 2},
		"refuses":               {relaytest.Refuse(http.StatusBadGateway), 1, 1},
		"lives for ten minutes": {relaytest.Behaviour{Opened: dieAfter(10 * time.Minute)}, 10, 13},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				net := relaytest.NewNetwork()
				r := net.New(t, "one.test", local.Options{}, tt.relay)
				var log lines
				n := relay.New(relay.Options{
					Positions: newPositions(), Log: slog.New(slog.NewTextHandler(&log, nil)), DialContext: net.DialContext,
				})
				c := &client{Network: n, tb: t, patience: time.Hour}
				defer c.close()
				c.listen(engine.Query{}, r.URL())
				pass(time.Hour)
				if n := log.count(); n < tt.least || n > tt.most {
					t.Errorf("%d lines within an hour, want %d to %d:\n%s", n, tt.least, tt.most, log.String())
				}
				before := log.count()
				r.Behave()
				pass(20 * time.Minute)
				text := log.String()
				if n := log.count() - before; n > 2 || strings.LastIndex(text, "relay connected") < strings.LastIndex(text, "relay unreachable") {
					t.Errorf("%d lines when it is well:\n%s", n, text)
				}
			})
		})
	}
}

// lines counts what is logged.
type lines struct {
	mu   sync.Mutex
	text strings.Builder
}

func (l *lines) Write(b []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(b)
}

func (l *lines) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}

func (l *lines) count() int { return strings.Count(l.String(), "\n") }

var _ io.Writer = (*lines)(nil)
