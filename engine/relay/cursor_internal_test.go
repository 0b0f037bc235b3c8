package relay

import (
	"context"
	"encoding/json"
	"log/slog"
	"testing"
	"testing/synctest"
	"time"

	"github.com/nbd-wtf/go-nostr"

	"rhea/engine"
	"rhea/engine/enginetest"
	"rhea/engine/relay/local"
	"rhea/engine/relay/relaytest"
	"rhea/engine/relay/wire"
)

// TestPositionWithAClockPutBack has a subscriber read for a while with a clock that is an hour ahead. After the clock
// is put back, the subscriber must neither ask only for later events, nor store that it has read them.
func TestPositionWithAClockPutBack(t *testing.T) {
	t.Parallel()
	now := time.Now()
	ahead := now.Add(time.Hour).Unix()
	asked := withSince(nostr.Filters{{Kinds: []int{1}}}, ahead, 0, now)
	if from, most := asked[0].Since.Time(), now.Add(-overlap); from.After(most) {
		t.Errorf("asks for events since %s, want %s at most", from, most)
	}
	sub := &subscriber{query: newQuery(t.Context(), 1, nil), cursor: cursor{Since: ahead}, link: new(link)}
	sub.link.alive.Store(now.UnixNano())
	if at := sub.safeCursor().Since; at != now.Unix() {
		t.Errorf("has read until %s, want %s", time.Unix(at, 0), now)
	}
	sub.link.alive.Store(now.Add(-time.Minute).UnixNano())
	if at := sub.safeCursor().Since; at != now.Unix() {
		t.Errorf("goes back to %s", time.Unix(at, 0))
	}
}

// TestThePositionFollowsOnlyAStandingSubscription ends a subscription, in each way it can end, at the moment when all
// stored events have been read. The position must then not follow the signs of life of the relay.
func TestThePositionFollowsOnlyAStandingSubscription(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		end     func(*planner, *subscription, *subscriber)
		follows bool
	}{
		"it stands":                        {func(*planner, *subscription, *subscriber) {}, true},
		"the relay closed it":              {func(_ *planner, s *subscription, _ *subscriber) { s.closed("error: shutting down") }, false},
		"the subscriber has left":          {func(p *planner, _ *subscription, sub *subscriber) { p.remove(sub) }, false},
		"it ended after it was read":       {func(_ *planner, s *subscription, _ *subscriber) { s.caughtUp(); s.closed("") }, false},
		"the subscriber left after it was": {func(p *planner, s *subscription, sub *subscriber) { s.caughtUp(); p.remove(sub) }, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := &session{log: slog.New(slog.DiscardHandler)}
			p := newPlanner(t.Context(), s, newRecent())
			sub := &subscriber{query: newQuery(t.Context(), 1, nil), filters: nostr.Filters{{Kinds: []int{1}}}, cursor: cursor{Since: 1}}
			g := &group{planner: p, subscribers: map[*subscriber]bool{sub: true}}
			link := newLink(t.Context(), nil)
			subscription := p.subscription(g, link)
			subscription.eose("")
			tt.end(p, subscription, sub)
			subscription.caughtUp()
			reached := sub.safeCursor().Since
			later := time.Now().Add(time.Hour)
			link.alive.Store(later.UnixNano())
			if got := sub.safeCursor().Since > reached; got != tt.follows {
				t.Errorf("the position follows the link: %v, want %v", got, tt.follows)
			}
		})
	}
}

// TestAnEventInFlightKeepsThePositionWhenTheClockIsPutBack receives an event after the clock was put back below the
// position at which the subscription began. The position follows the later signs of life of the relay, but not past the
// event.
func TestAnEventInFlightKeepsThePositionWhenTheClockIsPutBack(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		came := time.Now()
		busy := func(ctx context.Context, _ engine.Received) error { <-ctx.Done(); return ctx.Err() }
		p := newPlanner(t.Context(), &session{log: slog.New(slog.DiscardHandler)}, newRecent())
		sub := &subscriber{
			query: newQuery(t.Context(), 1, busy), filters: nostr.Filters{{Kinds: []int{1}}},
			cursor: cursor{Since: came.Add(time.Hour).Unix()},
		}
		link := newLink(t.Context(), nil)
		subscription := p.subscription(&group{planner: p, subscribers: map[*subscriber]bool{sub: true}}, link)
		subscription.eose("")
		subscription.caughtUp()
		link.receivers.Store(&map[string]receiver{"r1": subscription})
		frame, err := json.Marshal([]any{"EVENT", "r1", enginetest.Sign(t, enginetest.AliceKey, nostr.Event{Kind: 1, Content: "in flight"})})
		if err != nil {
			t.Fatal(err)
		}
		link.dispatch(frame, &wire.Peek{})
		synctest.Wait()
		if len(sub.query.inflight) != 1 {
			t.Fatal("the event is not in flight")
		}
		<-time.After(10 * time.Minute)
		link.alive.Store(time.Now().UnixNano())
		if at := sub.safeCursor().Since; at > came.Unix() {
			t.Errorf("the position passes the event in flight by %ds", at-came.Unix())
		}
	})
}

// TestPingWithAClockPutBack freezes a relay that was last heard an hour after the current time of the clock.
func TestPingWithAClockPutBack(t *testing.T) {
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
			t.Error("no ping was sent")
		}
	})
}
