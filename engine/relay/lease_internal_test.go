package relay

import (
	"context"
	"errors"
	"fmt"
	"net"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"rhea/engine"
)

// TestTheLastIdentityKeepsTheSession has identities leave their shared session at the same moment: the last one keeps
// it.
func TestTheLastIdentityKeepsTheSession(t *testing.T) {
	t.Parallel()
	const identities = 10
	n := New(Options{
		Signer:      func(string) engine.Signer { return nobody{} },
		DialContext: func(context.Context, string, string) (net.Conn, error) { return nil, errors.New("no network") },
	})
	defer n.Close()
	for round := range 100 {
		url := fmt.Sprintf("wss://%d.test", round)
		var leases []*lease
		for i := range identities {
			leases = append(leases, n.lease(url, fmt.Sprint(i)))
		}
		n.mu.Lock() // They meet at the door.
		var leaving sync.WaitGroup
		for _, s := range leases {
			leaving.Go(func() { s.separate() })
		}
		<-time.After(2 * time.Millisecond)
		n.mu.Unlock()
		leaving.Wait()
		n.mu.Lock()
		shared := n.sessions[sessionKey{url: url}]
		n.mu.Unlock()
		if shared != nil {
			t.Fatalf("round %d: no identity has kept the shared connection", round)
		}
		for _, s := range leases {
			s.release()
		}
	}
}

// nobody is a signer that never signs.
type nobody struct{ engine.Signer }

// TestALateRetirementLeavesANewerSession calls the callbacks of a session's timer in the order in which they come when
// the first had fired before it was stopped.
func TestALateRetirementLeavesANewerSession(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		n := New(Options{})
		defer n.Close()
		first := n.lease("ws://127.0.0.1:1", "a")
		old := first.session
		first.release()
		<-time.After(sessionIdle + time.Second)
		newer := n.lease("ws://127.0.0.1:1", "a")
		defer newer.release()
		if newer.session == old {
			t.Fatal("the session did not end")
		}
		n.retire(old)
		again := n.lease("ws://127.0.0.1:1", "b")
		defer again.release()
		if again.session != newer.session {
			t.Error("a late retirement took the newer session's place: a second connection is made")
		}
	})
}
