package relay

import (
	"testing"
	"testing/synctest"
	"time"
)

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
