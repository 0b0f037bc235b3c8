package relay

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/nbd-wtf/go-nostr"

	"rhea/engine"
)

// span is a range of time, both ends included, in which a subscriber has not yet read all events.
type span struct{ since, until nostr.Timestamp }

// overflow defers an event for which a query had no room. New events are still delivered meanwhile.
func (s *subscription) overflow(m *member, filter int, e *nostr.Event) {
	s.deferSpan(m, filter, span{e.CreatedAt, e.CreatedAt})
}

// deferSpan stores a span to be read when the query has room, and keeps the position before it.
func (s *subscription) deferSpan(m *member, filter int, missing span) {
	sub := m.subscriber
	sub.query.mu.Lock()
	defer sub.query.mu.Unlock()
	if sub.subscription == s {
		sub.advance()
		sub.link, sub.subscription = nil, nil
		sub.cursor.Since = max(m.start.Since, min(sub.cursor.Since, int64(missing.since)))
	}
	if had, ok := m.deferred[filter]; ok {
		missing = span{min(had.since, missing.since), max(had.until, missing.until)}
	}
	if m.deferred == nil {
		m.deferred = make(map[int]span)
	}
	m.deferred[filter] = missing
	notify(s.deferred)
}

// hasDeferred reports whether the member still has deferred spans to read.
func (s *member) hasDeferred() bool {
	s.subscriber.query.mu.Lock()
	defer s.subscriber.query.mu.Unlock()
	return s.busy || len(s.deferred) > 0
}

// deferAll defers the rest of a filter when all its members have deferred spans. Each member then reads on by itself,
// as its query has room.
func (s *subscription) deferAll(i int, until nostr.Timestamp) bool {
	if slices.ContainsFunc(s.sources[i], func(m mergedFilter) bool { return !m.member.hasDeferred() }) {
		return false
	}
	for _, m := range s.sources[i] {
		s.deferSpan(m.member, m.filter, span{*m.member.filters[m.filter].Since, until})
	}
	return true
}

// startDeferred starts to read for the members that have deferred spans.
func (s *subscription) startDeferred(ctx context.Context, work *sync.WaitGroup) {
	for _, m := range s.members {
		m.subscriber.query.mu.Lock()
		start := len(m.deferred) > 0 && !m.busy
		m.busy = m.busy || start
		m.subscriber.query.mu.Unlock()
		if start {
			work.Go(func() { s.readDeferred(ctx, m) })
		}
	}
}

// readDeferred reads the deferred spans of a member until there are none left. After a failure it retries with backoff.
func (s *subscription) readDeferred(ctx context.Context, m *member) {
	tries := engine.Backoff{First: 30 * time.Second, Last: 10 * time.Minute}
	for {
		filter, missing, ok := s.nextDeferred(m)
		if !ok || ctx.Err() != nil {
			return
		}
		f := m.filters[filter]
		f.Since, f.Limit = &missing.since, 0
		r := &backfill{subscription: s, member: m, pages: maxPages}
		err := r.run(ctx, f, missing.until)
		switch {
		case errors.Is(err, errPages):
			s.session.noteGap(catchUpBound)
		case err != nil:
			s.deferSpan(m, filter, span{missing.since, r.until})
			if !engine.Wait(ctx, tries.Jittered()) {
				return
			}
		default:
			tries.Reset()
		}
	}
}

// nextDeferred takes a deferred span of a member. When there is none, the position follows the link again.
func (s *subscription) nextDeferred(m *member) (filter int, missing span, ok bool) {
	m.subscriber.query.mu.Lock()
	defer m.subscriber.query.mu.Unlock()
	if len(m.deferred) == 0 || m.hasLeft() {
		m.busy = false
		s.attach(m)
		return 0, span{}, false
	}
	filter = slices.Min(slices.Collect(maps.Keys(m.deferred)))
	missing = m.deferred[filter]
	delete(m.deferred, filter)
	return filter, missing, true
}

var catchUpBound = fmt.Sprintf("the catch-up ended after %d answers; what is older was not read", maxPages)
