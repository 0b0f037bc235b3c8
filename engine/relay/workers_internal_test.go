package relay

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/nbd-wtf/go-nostr"

	"rhea/engine"
	"rhea/engine/relay/wire"
)

// offered is the n-th event of an author as a subscriber offers it.
func offered(sub *subscriber, author string, n int) offer {
	id := wire.EventID{byte(n), byte(n >> 8), byte(n >> 16), author[0]}
	return offer{subscriber: sub, copy: &checked{
		event: &nostr.Event{PubKey: author, CreatedAt: nostr.Timestamp(n)}, key: wire.CopyKey{ID: id},
	}}
}

// TestWorkersComeWithTheEvents counts the workers of a query: as many as events of different authors wait, no more than
// it may have, and none when there is nothing to do.
func TestWorkersComeWithTheEvents(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		through := make(chan struct{})
		q := newQuery(t.Context(), 3, func(context.Context, engine.Received) error { <-through; return nil })
		at := func(want int) {
			t.Helper()
			synctest.Wait()
			q.mu.Lock()
			defer q.mu.Unlock()
			if q.working != want {
				t.Errorf("%d workers, want %d", q.working, want)
			}
		}
		at(0)
		sub := &subscriber{}
		q.accept(offered(sub, "a", 1))
		at(1)
		q.accept(offered(sub, "a", 2))
		at(1)
		for n, author := range []string{"b", "c", "d", "e"} {
			q.accept(offered(sub, author, n))
		}
		at(3)
		close(through)
		at(0)
		if len(q.inflight) > 0 {
			t.Errorf("%d events were not delivered", len(q.inflight))
		}
	})
}

// TestNoEventIsLostWhenAWorkerEnds has several relays offer events one by one, so that workers end while the next event
// arrives. Each is delivered once, and those of an author in their order.
func TestNoEventIsLostWhenAWorkerEnds(t *testing.T) {
	t.Parallel()
	const each = 2000
	for _, workers := range []int{1, 2, 8} {
		t.Run(fmt.Sprint(workers), func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				var mu sync.Mutex
				last, delivered := make(map[string]nostr.Timestamp), 0
				q := newQuery(t.Context(), workers, func(_ context.Context, r engine.Received) error {
					mu.Lock()
					defer mu.Unlock()
					if e := r.Event; e.CreatedAt != last[e.PubKey]+1 {
						t.Errorf("event %d of %s follows %d", e.CreatedAt, e.PubKey, last[e.PubKey])
					}
					last[r.Event.PubKey]++
					delivered++
					return nil
				})
				authors := []string{"a", "b", "c", "d"}
				var offering sync.WaitGroup
				for _, author := range authors {
					offering.Go(func() {
						sub := &subscriber{}
						for n := 1; n <= each; {
							if q.accept(offered(sub, author, n)) {
								n++
							} else {
								<-time.After(time.Millisecond) // The queue is full.
							}
						}
					})
				}
				offering.Wait()
				synctest.Wait()
				if want := len(authors) * each; delivered != want || len(q.inflight) > 0 || q.working > 0 {
					t.Errorf("%d of %d events delivered, %d in flight, %d workers", delivered, want, len(q.inflight), q.working)
				}
			})
		})
	}
}

// TestNoWorkerStartsAfterTheEnd makes an event ready while its query ends, as the pause after a failure does.
func TestNoWorkerStartsAfterTheEnd(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		delivered := false
		q := newQuery(ctx, 1, func(context.Context, engine.Received) error { delivered = true; return nil })
		cancel()
		q.end()
		q.accept(offered(&subscriber{}, "a", 1))
		synctest.Wait()
		if delivered || len(q.inflight) != 1 {
			t.Errorf("delivered: %v, %d in flight", delivered, len(q.inflight))
		}
	})
}
