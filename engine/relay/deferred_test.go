package relay_test

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/nbd-wtf/go-nostr"

	"rhea/engine"
	"rhea/engine/relay/local"
	"rhea/engine/relay/relaytest"
)

// sendings counts how often a relay sends each event.
type sendings struct {
	mu sync.Mutex
	of map[string]int
}

func (s *sendings) behaviour() relaytest.Behaviour {
	return relaytest.Behaviour{Says: func(_ *relaytest.Conn, m relaytest.Message) []relaytest.Message {
		if e, ok := m.Event(); ok {
			s.mu.Lock()
			s.of[e.ID]++
			s.mu.Unlock()
		}
		return []relaytest.Message{m}
	}}
}

// most is how often the relay has sent the event that it has sent most often.
func (s *sendings) most() (n int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, times := range s.of {
		n = max(n, times)
	}
	return n
}

// writtenAt are notes of several people, one each second.
func writtenAt(tb testing.TB, from time.Time, n int) []nostr.Event {
	tb.Helper()
	events := make([]nostr.Event, n)
	for i := range events {
		at := nostr.Timestamp(from.Unix() + int64(i))
		events[i] = sign(tb, person(i%8), nostr.Event{Kind: 1, Content: fmt.Sprint(i), CreatedAt: at})
	}
	return events
}

// TestASlowQueryReadsItsBacklogOnce misses many more events than a query holds, and handles four a second. The relay
// sends each event twice at most, and new events do not make the query subscribe again. The position waits for the last
// event.
func TestASlowQueryReadsItsBacklogOnce(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		net := relaytest.NewNetwork()
		sent := &sendings{of: make(map[string]int)}
		r := net.New(t, "one.test", local.Options{}, sent.behaviour())
		p := newPositions()
		q := engine.Query{Concurrency: 4}
		l := newClient(t, p, net.DialContext).listenWith(q, func(ctx context.Context, _ engine.Received) error {
			select {
			case <-time.After(time.Second):
				return nil
			case <-ctx.Done():
				return ctx.Err()
			}
		}, r.URL())
		r.Await("REQ", 1)
		pass(time.Minute)
		r.Stop()
		away := time.Now()
		pass(time.Hour)
		events := writtenAt(t, away, 1500)
		for _, e := range events {
			r.Publish(e)
		}
		r.Start()
		for i := range 20 {
			pass(10 * time.Second)
			events = append(events, note(t, fmt.Sprint("meanwhile ", i)))
			r.Publish(events[len(events)-1])
			if since := sinceOf(t, p.all()["test/"+r.URL()]); since > away.Unix()+60 {
				t.Fatalf("the position is %d s into what has not been read", since-away.Unix())
			}
		}
		l.want(events...)
		if n := sent.most(); n > 2 {
			t.Errorf("an event was sent %d times", n)
		}
		if n := len(asked(r)); n > 1+1+15 {
			t.Errorf("asked %d times", n)
		}
		pass(time.Minute)
		if since := sinceOf(t, p.all()["test/"+r.URL()]); since < time.Now().Add(-time.Minute).Unix() {
			t.Errorf("the position does not move on, it is %d", since)
		}
	})
}

// TestARestartInTheMiddleOfABacklog stops a client that has handled a part of what it missed; the next one gets the
// rest.
func TestARestartInTheMiddleOfABacklog(t *testing.T) {
	t.Parallel()
	for name, busy := range map[string]time.Duration{"quick": time.Millisecond, "slow": time.Second} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				net := relaytest.NewNetwork()
				r := net.New(t, "one.test", local.Options{MaxLimit: 100}, relaytest.Delay("EOSE", 5*time.Second))
				p := newPositions()
				handled := make(map[string]bool)
				var mu sync.Mutex
				read := func(d time.Duration) {
					c := newClient(t, p, net.DialContext)
					l := c.listenWith(engine.Query{Concurrency: 4}, func(ctx context.Context, got engine.Received) error {
						select {
						case <-time.After(busy):
						case <-ctx.Done():
							return ctx.Err()
						}
						mu.Lock()
						defer mu.Unlock()
						handled[got.Event.ID] = true
						return nil
					}, r.URL())
					pass(d)
					l.stop()
					c.close()
				}
				read(time.Minute)
				away := time.Now()
				pass(time.Hour)
				events := writtenAt(t, away, 1000)
				for _, e := range events {
					r.Publish(e)
				}
				for range 3 {
					read(17 * time.Second)
				}
				mu.Lock()
				if n := len(handled); n == 0 || n == len(events) {
					t.Errorf("%d of %d were handled in the middle", n, len(events))
				}
				mu.Unlock()
				read(30 * time.Minute)
				if len(handled) != len(events) {
					t.Errorf("%d of %d events were handled", len(handled), len(events))
				}
			})
		})
	}
}

// TestThePositionWaitsForDeferredEvents fills a query with new events that are not handled, on a relay that refuses
// pages for a while. A restart must find the deferred events, the query does not subscribe again, and the position
// moves on once they were read.
func TestThePositionWaitsForDeferredEvents(t *testing.T) {
	t.Parallel()
	for _, kind := range []int{1, 1059} {
		t.Run(fmt.Sprint("kind ", kind), func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				net := relaytest.NewNetwork()
				r := net.New(t, "one.test", local.Options{}, relaytest.RefuseFilters("error: not now", isPage))
				p := newPositions()
				release := make(chan struct{})
				q := engine.Query{Filters: nostr.Filters{{Kinds: []int{kind}}}, Concurrency: 8}
				l := newClient(t, p, net.DialContext).listenWith(q, func(ctx context.Context, _ engine.Received) error {
					select {
					case <-release:
					case <-ctx.Done():
					}
					return ctx.Err()
				}, r.URL())
				r.Await("REQ", 1)
				pass(time.Minute)
				var events []nostr.Event
				for i := range 600 {
					pass(time.Second)
					events = append(events, sign(t, person(i%8), nostr.Event{Kind: kind, Content: fmt.Sprint(i)}))
					r.Publish(events[i])
					synctest.Wait()
				}
				pass(time.Hour)
				close(release)
				l.want(events[:512]...)
				pass(time.Minute)
				if since := sinceOf(t, p.all()["test/"+r.URL()]); since > int64(events[512].CreatedAt) {
					t.Errorf("the position has passed what had no room by %d s", since-int64(events[512].CreatedAt))
				}
				r.Behave()
				l.want(events[512:]...)
				pass(time.Minute)
				if since := sinceOf(t, p.all()["test/"+r.URL()]); since < time.Now().Add(-time.Minute).Unix() {
					t.Errorf("the position does not move on, it is %d", since)
				}
				for _, req := range asked(r)[1:] {
					if !hasLimit(req.Filters()[0]) {
						t.Errorf("subscribed again: %s", req)
					}
				}
			})
		})
	}
}

// isPage reports whether a filter asks for a page of a backlog, not for the few events that test a subscription.
func isPage(f nostr.Filter) bool { return f.Limit > 32 }

// TestABacklogOfLongEvents misses events so long that a page exceeds the room in bytes.
func TestABacklogOfLongEvents(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		net := relaytest.NewNetwork()
		r := net.New(t, "one.test", local.Options{})
		l := newClient(t, newPositions(), net.DialContext).listenWith(engine.Query{Concurrency: 4},
			func(context.Context, engine.Received) error { pass(time.Second); return nil }, r.URL())
		r.Await("REQ", 1)
		pass(time.Minute)
		r.Stop()
		away := time.Now().Unix()
		pass(time.Hour)
		var events []nostr.Event
		for i := range 300 {
			events = append(events, sign(t, person(i%8), nostr.Event{
				Kind: 1, Content: fmt.Sprint(i, strings.Repeat(" long", 20_000)), CreatedAt: nostr.Timestamp(away + int64(i)),
			}))
			r.Publish(events[i])
		}
		r.Start()
		l.want(events...)
	})
}

// TestNoREQHasItsSinceAfterItsUntil has a relay refuse filters whose since is after their until. A busy second lies
// where the catch-up begins, and one query ends before its position.
func TestNoREQHasItsSinceAfterItsUntil(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		net := relaytest.NewNetwork()
		r := net.New(t, "one.test", local.Options{}, relaytest.RefuseFilters("invalid: since is after until", isInverted))
		p := newPositions()
		c := newClient(t, p, net.DialContext)
		past := nostr.Timestamp(time.Now().Add(-48 * time.Hour).Unix())
		c.listen(engine.Query{Stream: "past", Filters: nostr.Filters{{Kinds: []int{1}, Until: &past}}}, r.URL())
		l := c.listen(engine.Query{}, r.URL())
		r.Await("REQ", 1)
		pass(time.Hour)
		r.Stop()
		pass(10 * time.Second)
		begin := nostr.Timestamp(sinceOf(t, p.all()["test/"+r.URL()]) - 15*60)
		var missed []nostr.Event
		for i := range 40 {
			e := sign(t, person(i), nostr.Event{Kind: 1, CreatedAt: begin + nostr.Timestamp(max(0, i-20))})
			missed = append(missed, e)
			r.Publish(e)
		}
		r.Start()
		l.want(missed...)
		pass(time.Hour)
		if since := sinceOf(t, p.all()["test/"+r.URL()]); since < time.Now().Add(-time.Minute).Unix() {
			t.Errorf("the position does not move on, it is %d", since)
		}
		for _, req := range r.Heard("REQ") {
			for _, f := range req.Filters() {
				if isInverted(f) {
					t.Errorf("asked for %s", f)
				}
			}
		}
	})
}

func isInverted(f nostr.Filter) bool { return f.Since != nil && f.Until != nil && *f.Since > *f.Until }
