//go:build !race

package relay_test

import (
	"context"
	"io"
	"log"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/fiatjaf/khatru"
	"github.com/nbd-wtf/go-nostr"
)

// TestKhatru runs the honest suite against khatru. khatru v0.19.1 has data races of its own (a CLOSE against a
// broadcast), so this file is left out under the race detector.
func TestKhatru(t *testing.T) {
	t.Parallel()
	suites(t, func(t *testing.T, auth bool) backend { return newKhatru(t, auth) })
}

func newKhatru(t *testing.T, auth bool) backend {
	t.Helper()
	r := khatru.NewRelay()
	r.Log = log.New(io.Discard, "", 0)
	var mu sync.Mutex
	var events []*nostr.Event
	r.StoreEvent = append(r.StoreEvent, func(_ context.Context, e *nostr.Event) error {
		mu.Lock()
		defer mu.Unlock()
		events = append(events, e)
		return nil
	})
	r.QueryEvents = append(r.QueryEvents, func(_ context.Context, f nostr.Filter) (chan *nostr.Event, error) {
		mu.Lock()
		defer mu.Unlock()
		found := make(chan *nostr.Event, len(events))
		for _, e := range slices.Backward(events) {
			if f.Matches(e) {
				found <- e
			}
		}
		close(found)
		return found, nil
	})
	if auth {
		r.RejectFilter = append(r.RejectFilter, func(ctx context.Context, _ nostr.Filter) (bool, string) {
			return khatru.GetAuthed(ctx) == "", "auth-required: this relay serves only people it knows"
		})
		r.RejectEvent = append(r.RejectEvent, func(ctx context.Context, e *nostr.Event) (bool, string) {
			return khatru.GetAuthed(ctx) != e.PubKey, "auth-required: only the author may publish this"
		})
	}
	server := httptest.NewServer(r)
	t.Cleanup(server.Close)
	return backend{strings.Replace(server.URL, "http", "ws", 1), func(e nostr.Event) {
		mu.Lock()
		events = append(events, &e)
		mu.Unlock()
		r.BroadcastEvent(&e)
	}}
}
