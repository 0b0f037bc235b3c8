package relay

import (
	"testing"
	"testing/synctest"
	"time"

	"rhea/engine/relay/local"
	"rhea/engine/relay/relaytest"
)

// TestSilenceUnderAClockThatIsPutBack freezes a relay that was last heard of an hour ahead of what the clock shows now.
func TestSilenceUnderAClockThatIsPutBack(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		net := relaytest.NewNetwork()
		r := net.New(t, "one.test", local.Options{})
		n := New(Options{DialContext: net.DialContext})
		defer func() { _ = n.Close() }()
		lease := n.lease(r.URL(), "")
		defer lease.release()
		l, err := lease.session.waitLink(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		synctest.Wait() // The relay knows the connection by now.
		l.alive.Store(time.Now().Add(time.Hour).UnixNano())
		r.Freeze()
		select {
		case <-l.ctx.Done():
		case <-time.After(time.Minute):
			t.Error("nobody asks whether the relay is still there")
		}
	})
}
