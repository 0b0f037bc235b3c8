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

// TestTheLastOneStays has identities leave the connection they share at the same moment: the last one keeps it.
func TestTheLastOneStays(t *testing.T) {
	t.Parallel()
	const identities = 10
	n := New(Options{
		Signer:      func(string) engine.Signer { return nobody{} },
		DialContext: func(context.Context, string, string) (net.Conn, error) { return nil, errors.New("no network") },
	})
	defer n.Close()
	for round := range 100 {
		url := fmt.Sprintf("wss://%d.test", round)
		var seats []*lease
		for i := range identities {
			seats = append(seats, n.lease(url, fmt.Sprint(i)))
		}
		n.mu.Lock() // They meet at the door.
		var leaving sync.WaitGroup
		for _, s := range seats {
			leaving.Go(func() { s.separate() })
		}
		<-time.After(2 * time.Millisecond)
		n.mu.Unlock()
		leaving.Wait()
		n.mu.Lock()
		shared := n.sessions[sessionKey{url: url}]
		n.mu.Unlock()
		if shared != nil {
			t.Fatalf("round %d: nobody has kept the shared connection", round)
		}
		for _, s := range seats {
			s.release()
		}
	}
}

// nobody is a signer that is never asked to sign.
type nobody struct{ engine.Signer }

// TestALateRetirementLeavesANewerSession plays the callbacks of a session's timer in the order in which they come when
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
