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

// span is a time, both ends included, of which a leg has not taken everything yet.
type span struct{ since, until nostr.Timestamp }

// turnedAway notes an event that a query had no room for. It is read when there is room; what is new meanwhile is not
// kept waiting for that.
func (s *subscription) turnedAway(one *served, filter int, e *nostr.Event) {
	s.postpone(one, filter, span{e.CreatedAt, e.CreatedAt})
}

// postpone leaves a span for when the query has room, and the position before it.
func (s *subscription) postpone(one *served, filter int, missing span) {
	l := one.leg
	l.query.mu.Lock()
	defer l.query.mu.Unlock()
	if l.by == s {
		l.progress()
		l.live, l.by = nil, nil
		l.at.Since = max(one.at.Since, min(l.at.Since, int64(missing.since)))
	}
	if had, ok := one.behind[filter]; ok {
		missing = span{min(had.since, missing.since), max(had.until, missing.until)}
	}
	if one.behind == nil {
		one.behind = make(map[int]span)
	}
	one.behind[filter] = missing
	poke(s.late)
}

// isBehind reports whether the leg has something to read that its query had no room for.
func (s *served) isBehind() bool {
	s.leg.query.mu.Lock()
	defer s.leg.query.mu.Unlock()
	return s.busy || len(s.behind) > 0
}

// handOver leaves the rest of a filter to its legs when all of them are behind. Each goes on by itself, when it can.
func (s *subscription) handOver(i int, until nostr.Timestamp) bool {
	if slices.ContainsFunc(s.parts[i], func(m merged) bool { return !m.served.isBehind() }) {
		return false
	}
	for _, m := range s.parts[i] {
		s.postpone(m.served, m.filter, span{*m.served.filters[m.filter].Since, until})
	}
	return true
}

// followUp starts to read for the legs that are behind.
func (s *subscription) followUp(ctx context.Context, work *sync.WaitGroup) {
	for _, one := range s.legs {
		one.leg.query.mu.Lock()
		start := len(one.behind) > 0 && !one.busy
		one.busy = one.busy || start
		one.leg.query.mu.Unlock()
		if start {
			work.Go(func() { s.follow(ctx, one) })
		}
	}
}

// follow reads what a leg has not taken, until there is nothing left. A relay that does not answer is asked again ever
// more rarely.
func (s *subscription) follow(ctx context.Context, one *served) {
	tries := engine.Backoff{First: 30 * time.Second, Last: 10 * time.Minute}
	for {
		filter, missing, ok := s.next(one)
		if !ok || ctx.Err() != nil {
			return
		}
		f := one.filters[filter]
		f.Since, f.Limit = &missing.since, 0
		r := &reading{subscription: s, one: one, pages: maxPages}
		err := r.back(ctx, f, missing.until)
		switch {
		case errors.Is(err, errPages):
			s.session.missed(tooLong)
		case err != nil:
			s.postpone(one, filter, span{missing.since, r.until})
			if !engine.Wait(ctx, tries.Jittered()) {
				return
			}
		default:
			tries.Reset()
		}
	}
}

// next takes a span that a leg has to read. When there is none, the position follows the link again.
func (s *subscription) next(one *served) (filter int, missing span, ok bool) {
	one.leg.query.mu.Lock()
	defer one.leg.query.mu.Unlock()
	if len(one.behind) == 0 || one.isOver() {
		one.busy = false
		s.stand(one)
		return 0, span{}, false
	}
	filter = slices.Min(slices.Collect(maps.Keys(one.behind)))
	missing = one.behind[filter]
	delete(one.behind, filter)
	return filter, missing, true
}

var tooLong = fmt.Sprintf("the catch-up ended after %d answers; what is older was not read", maxPages)
