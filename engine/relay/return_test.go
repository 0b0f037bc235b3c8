package relay_test

import (
	"context"
	"net"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"rhea/engine"
	"rhea/engine/relay/local"
	"rhea/engine/relay/relaytest"
)

// TestARelayThatIsBackIsConnectedSoon measures how long a note waits on a relay that is back after all kinds of
// outages, each of them many times, because the waits are random.
func TestARelayThatIsBackIsConnectedSoon(t *testing.T) {
	t.Parallel()
	restart := func(r *relaytest.Relay, down, up time.Duration) {
		r.Stop()
		pass(down)
		r.Start()
		pass(up)
	}
	flap := func(r *relaytest.Relay, times int) {
		for range times {
			restart(r, time.Second, 6*time.Second)
		}
	}
	for name, tt := range map[string]struct {
		// away has the relay go; it is back when the function has returned.
		away func(r *relaytest.Relay, hang *atomic.Bool)
		most time.Duration
	}{
		"flaps":           {func(r *relaytest.Relay, _ *atomic.Bool) { flap(r, 6); restart(r, time.Second, 0) }, 30 * time.Second},
		"flaps for hours": {func(r *relaytest.Relay, _ *atomic.Bool) { flap(r, 1200); restart(r, time.Minute, 0) }, 30 * time.Second},
		"a minute":        {func(r *relaytest.Relay, _ *atomic.Bool) { restart(r, time.Minute, 0) }, 30 * time.Second},
		"nine minutes":    {func(r *relaytest.Relay, _ *atomic.Bool) { restart(r, 9*time.Minute, 0) }, 30 * time.Second},
		"hours":           {func(r *relaytest.Relay, _ *atomic.Bool) { restart(r, 5*time.Hour, 0) }, 5 * time.Minute},
		"restarts in a burst": {func(r *relaytest.Relay, _ *atomic.Bool) {
			restart(r, time.Second, time.Second)
			restart(r, time.Second, 0)
		}, 30 * time.Second},
		"a run of them": {func(r *relaytest.Relay, _ *atomic.Bool) {
			restart(r, time.Second, 30*time.Second)
			restart(r, time.Minute, 20*time.Second)
			restart(r, time.Second, time.Second)
			restart(r, time.Second, 0)
		}, 30 * time.Second},
		"crashes for nine minutes": {func(r *relaytest.Relay, _ *atomic.Bool) {
			r.Behave(relaytest.KillOn("REQ"))
			r.Kill()
			pass(9 * time.Minute)
			r.Behave()
		}, 30 * time.Second},
		"does not answer for five minutes": {func(r *relaytest.Relay, hang *atomic.Bool) {
			hang.Store(true)
			r.Kill()
			pass(5 * time.Minute)
			hang.Store(false)
		}, 30 * time.Second},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for range 25 {
				synctest.Test(t, func(t *testing.T) {
					wire := relaytest.NewNetwork()
					r := wire.New(t, "one.test", local.Options{})
					var hang atomic.Bool
					dial := func(ctx context.Context, network, address string) (net.Conn, error) {
						if hang.Load() {
							<-ctx.Done()
							return nil, ctx.Err()
						}
						return wire.DialContext(ctx, network, address)
					}
					l := newClient(t, newPositions(), dial).listen(engine.Query{}, r.URL())
					pass(2 * time.Minute)
					tt.away(r, &hang)
					back := time.Now()
					e := note(t, "back again")
					r.Publish(e)
					l.want(e)
					if took := time.Since(back); took > tt.most {
						t.Errorf("heard %s after the relay was back", took)
					}
				})
			}
		})
	}
}

// TestARelayThatHangsUpOverAnEventIsBackSoon publishes, again and again, an event over which a healthy relay ends the
// connection. The event is the cause, so the waits do not grow.
func TestARelayThatHangsUpOverAnEventIsBackSoon(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		net := relaytest.NewNetwork()
		r := net.New(t, "one.test", local.Options{}, relaytest.KillOn("EVENT"))
		c := newClient(t, newPositions(), net.DialContext)
		c.listen(engine.Query{}, r.URL())
		for range 20 {
			pass(5 * time.Second)
			if err := c.Publish(t.Context(), r.URL(), note(t, "hang up")); err == nil {
				t.Fatal("published")
			}
			lost := time.Now()
			for c.up() == 0 {
				pass(10 * time.Millisecond)
			}
			if took := time.Since(lost); took > 2*time.Second {
				t.Errorf("connected again after %s", took)
			}
		}
	})
}
