package relay

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"math"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"github.com/nbd-wtf/go-nostr"

	"rhea/engine/relay/wire"
)

// subscription is one REQ of a group. The methods of receiver run on the reading goroutine of the link and do not
// block.
type subscription struct {
	recent  *recent
	log     *slog.Logger
	session *session
	link    *link
	members []*member
	index   *index
	// filters are those of the REQ, matchers the same, and sources the filters of members that are merged in each.
	filters  nostr.Filters
	matchers []matcher
	sources  [][]mergedFilter
	// provenAt is when the subscription was last known to be served, and probedLive how many live events it had brought
	// at the last probe; only the group uses them.
	provenAt   time.Time
	probedLive uint64

	eosed    chan struct{}
	activity chan struct{}
	ended    chan ending
	// deferred has an entry when a query had no room for an event.
	deferred chan struct{}
	// liveEvents counts the events after EOSE.
	liveEvents atomic.Uint64

	// The reading goroutine owns these; events, stats and complete do not change after eosed is closed. stats leaves
	// out events that match several filters, because any of these may have brought them.
	stored   bool
	events   int
	stats    []storedStats
	complete bool
}

// mergedFilter is a filter of a member as a part of one of the REQ.
type mergedFilter struct {
	member *member
	filter int
}

// storedStats counts the events of an answer that only one filter can have brought.
type storedStats struct {
	events int
	oldest nostr.Timestamp
}

func (b *storedStats) add(at int64) {
	if created := nostr.Timestamp(at); b.events == 0 || created < b.oldest {
		b.oldest = created
	}
	b.events++
}

var (
	_ receiver        = (*subscription)(nil)
	_ overflowHandler = (*subscription)(nil)
)

// subscription prepares a REQ that starts at the positions of the subscribers of the group.
func (p *planner) subscription(g *group, link *link) *subscription {
	s := &subscription{
		recent:   p.recent,
		log:      p.log,
		session:  p.session,
		link:     link,
		eosed:    make(chan struct{}),
		activity: make(chan struct{}, 1),
		ended:    make(chan ending, 1),
		deferred: make(chan struct{}, 1),
		provenAt: time.Now(),
	}
	p.mu.Lock()
	for sub := range g.subscribers {
		s.members = append(s.members, &member{subscriber: sub, epoch: sub.epoch.Load()})
	}
	p.mu.Unlock()
	slices.SortFunc(s.members, func(a, b *member) int { return strings.Compare(a.subscriber.stream, b.subscriber.stream) })
	together := bundle{widen: g.widen}
	whatever := limits{filters: math.MaxInt, bytes: math.MaxInt, values: g.values}
	dated := make(map[*subscriber]*member, len(s.members))
	for _, m := range s.members {
		sub := m.subscriber
		sub.query.mu.Lock()
		m.start = sub.cursor
		sub.query.mu.Unlock()
		m.filters = withSince(sub.filters, m.start.Since, sub.maxAge, s.provenAt)
		dated[sub] = m
		together.add(sub, sub.wants(), whatever)
	}
	for _, u := range together.unions {
		f := u.filterForAll()
		var parts []mergedFilter
		for i, p := range u.parts {
			if from := dated[p.subscriber].filters[p.filter].Since; i == 0 || *from < *f.Since {
				f.Since = from
			}
			parts = append(parts, mergedFilter{dated[p.subscriber], p.filter})
		}
		s.filters = append(s.filters, f)
		s.sources = append(s.sources, parts)
		s.matchers = append(s.matchers, newMatcher(f))
	}
	s.index = newIndex(s.members)
	s.stats = make([]storedStats, len(s.filters))
	return s
}

func (s *subscription) event(peek *wire.Peek) {
	found := s.index.find(peek)
	if !s.stored {
		notify(s.activity)
		s.countStored(peek)
	} else {
		s.liveEvents.Add(1)
		if isKnown(peek, found) {
			return
		}
	}
	s.offer(peek, found, s.stored, s)
}

// countStored notes how far back an event of the answer proves that the answer reaches.
func (s *subscription) countStored(peek *wire.Peek) {
	met, by := 0, 0
	for i := range s.matchers {
		if s.matchers[i].matches(peek) {
			met, by = met+1, i
		}
	}
	if met > 0 {
		s.events++
	}
	if met == 1 {
		s.stats[by].add(peek.CreatedAt)
	}
}

// isKnown reports whether every member that wants the event has handled it.
func isKnown(peek *wire.Peek, found []*member) bool {
	if len(found) == 0 {
		return true
	}
	id, ok := peek.ClaimedID()
	return ok && !slices.ContainsFunc(found, func(s *member) bool { return !s.subscriber.query.isHandled(id) })
}

// overflowHandler is called with events for which a query had no room.
type overflowHandler interface {
	overflow(m *member, filter int, e *nostr.Event)
}

// offer checks an event and offers it to the members that were found for it.
func (s *subscription) offer(peek *wire.Peek, found []*member, live bool, away overflowHandler) {
	if len(found) == 0 {
		return
	}
	c, err := s.recent.read(peek)
	if err != nil {
		return
	}
	now := time.Now()
	if c.event.CreatedAt.Time().After(now.Add(maxFuture)) {
		return
	}
	for _, m := range found {
		filter := m.filter
		if !m.filters[filter].Matches(c.event) {
			filter = match(m.filters, c.event)
		}
		if filter < 0 || m.hasLeft() {
			continue
		}
		o := offer{subscriber: m.subscriber, copy: c, stored: !live}
		if live {
			// Not past now: the clock may have been put back below the position.
			o.floor = min(now.Unix(), max(m.start.Since, int64(c.event.CreatedAt)))
		} else {
			o.backlog = m.isBacklog(filter, c.event)
		}
		if !m.subscriber.query.accept(o) {
			away.overflow(m, filter, c.event)
		}
	}
}

// hasLeft reports whether the subscriber was removed from the planner since.
func (s *member) hasLeft() bool { return s.subscriber.epoch.Load() != s.epoch }

// isBacklog reports whether a stored event is older than the first run of the query. A filter with its own since has no
// backlog. Private messages have random dates: only those of the first catch-up are backlog.
func (s *member) isBacklog(filter int, e *nostr.Event) bool {
	own := s.subscriber.filters[filter]
	return own.Since == nil && int64(e.CreatedAt) < s.start.Floor && (!s.start.Primed || !isWrapped(own))
}

func (s *subscription) eose(hint string) {
	if s.stored {
		return
	}
	s.stored, s.complete = true, hint == "finish"
	close(s.eosed)
}

func (s *subscription) closed(reason string) {
	s.finish(ending{closed: true, reason: reason})
	s.detach()
}

// finish ends the subscription; only the first reason counts.
func (s *subscription) finish(end ending) {
	select {
	case s.ended <- end:
	default:
	}
}

// caughtUp lets the positions of members without deferred spans follow the link.
func (s *subscription) caughtUp() {
	for _, m := range s.members {
		m.subscriber.query.mu.Lock()
		if len(m.deferred) == 0 && !m.busy {
			s.attach(m)
		}
		m.subscriber.query.mu.Unlock()
	}
	s.provenAt = time.Now()
}

// attach lets the position of one member follow the link, unless the subscription has ended. The lock of the query is
// held.
func (s *subscription) attach(m *member) {
	if sub := m.subscriber; len(s.ended) == 0 && !m.hasLeft() {
		sub.cursor.Primed = true
		sub.link, sub.subscription = s.link, s
	}
}

// detach stops that for the members that no other subscription has taken over.
func (s *subscription) detach() {
	for _, m := range s.members {
		sub := m.subscriber
		sub.query.mu.Lock()
		if sub.subscription == s {
			sub.advance()
			sub.link, sub.subscription = nil, nil
		}
		sub.query.mu.Unlock()
	}
}

// endingAfter is how the subscription ends when its older events could not be read.
func (s *subscription) endingAfter(ctx context.Context, err error) ending {
	var refusal *refusedError
	switch {
	case len(s.ended) > 0:
		return <-s.ended
	case ctx.Err() != nil:
		return ending{}
	case s.link.ctx.Err() != nil:
		return ending{lost: true}
	case errors.As(err, &refusal):
		return ending{closed: true, reason: refusal.reason}
	default:
		return ending{quiet: true}
	}
}

func notify(c chan struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}

// encode writes filters as in a REQ.
func encode(filters nostr.Filters) ([]json.RawMessage, error) {
	raw := make([]json.RawMessage, len(filters))
	for i, f := range filters {
		var err error
		if raw[i], err = f.MarshalJSON(); err != nil {
			return nil, err
		}
	}
	return raw, nil
}
