package relay_test

import (
	"context"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/nbd-wtf/go-nostr"

	"rhea/engine"
	"rhea/engine/relay/local"
	"rhea/engine/relay/relaytest"
)

// TestAheadIsCalledForWaitingEvents checks that Ahead is called for events that wait for others, and not for the first
// one, nor for backlog.
func TestAheadIsCalledForWaitingEvents(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		net := relaytest.NewNetwork()
		r := net.New(t, "one.test", local.Options{})
		r.Publish(noteAt(t, "old", -time.Hour))
		r.Publish(noteAt(t, "older", -2*time.Hour))
		var mu sync.Mutex
		var told []string
		q := engine.Query{Concurrency: 1, Ahead: func(e *nostr.Event) {
			mu.Lock()
			defer mu.Unlock()
			told = append(told, e.Content)
		}}
		slow := func(context.Context, engine.Received) error { pass(time.Second); return nil }
		newClient(t, newPositions(), net.DialContext).listenWith(q, slow, r.URL())
		for _, text := range []string{"alone", "next", "last"} {
			if text != "last" {
				pass(10 * time.Second)
			}
			r.Publish(note(t, text))
		}
		pass(10 * time.Second)
		mu.Lock()
		defer mu.Unlock()
		if !slices.Equal(told, []string{"last"}) {
			t.Errorf("told of %q", told)
		}
	})
}
