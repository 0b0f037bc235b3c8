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

// subscription is one REQ of a group. The methods of receiver run on the link's reading goroutine and do not block.
type subscription struct {
	recent  *recent
	log     *slog.Logger
	session *session
	link    *link
	legs    []*served
	index   *index
	// filters are what was asked for, claims the same, and parts whose filters are merged in each.
	filters nostr.Filters
	claims  []claim
	parts   [][]merged
	// proven is when the subscription was last known to be served, and counted how many live events it had brought at
	// the last look; only the group touches them.
	proven  time.Time
	counted uint64

	eosed chan struct{}
	heard chan struct{}
	ended chan ending
	// late has an entry when a query had no room for an event.
	late chan struct{}
	// live counts the events after EOSE.
	live atomic.Uint64

	// The reading goroutine owns these; events, brought and complete are settled when eosed is closed. Of events that
	// meet several filters it is not known which of them has brought them: brought counts the others.
	stored   bool
	events   int
	brought  []brought
	complete bool
}

// merged is a filter of a leg as a part of one that is asked for.
type merged struct {
	served *served
	filter int
}

// brought is what an answer held that one filter has brought for sure.
type brought struct {
	events int
	oldest nostr.Timestamp
}

func (b *brought) add(at int64) {
	if created := nostr.Timestamp(at); b.events == 0 || created < b.oldest {
		b.oldest = created
	}
	b.events++
}

var (
	_ receiver = (*subscription)(nil)
	_ refuser  = (*subscription)(nil)
)

// subscription prepares a REQ that starts where the legs of the group stand.
func (p *planner) subscription(g *group, link *link) *subscription {
	s := &subscription{
		recent:  p.recent,
		log:     p.log,
		session: p.session,
		link:    link,
		eosed:   make(chan struct{}),
		heard:   make(chan struct{}, 1),
		ended:   make(chan ending, 1),
		late:    make(chan struct{}, 1),
		proven:  time.Now(),
	}
	p.mu.Lock()
	for l := range g.legs {
		s.legs = append(s.legs, &served{leg: l, term: l.term.Load()})
	}
	p.mu.Unlock()
	slices.SortFunc(s.legs, func(a, b *served) int { return strings.Compare(a.leg.stream, b.leg.stream) })
	together := bundle{loosely: g.loosely}
	whatever := limits{filters: math.MaxInt, bytes: math.MaxInt, values: g.values}
	dated := make(map[*leg]*served, len(s.legs))
	for _, one := range s.legs {
		l := one.leg
		l.query.mu.Lock()
		one.at = l.at
		l.query.mu.Unlock()
		one.filters = since(l.filters, one.at.Since, l.maxAge, s.proven)
		dated[l] = one
		together.add(l, whatever)
	}
	for _, u := range together.unions {
		f := u.wire()
		var parts []merged
		for i, p := range u.parts {
			if from := dated[p.leg].filters[p.filter].Since; i == 0 || *from < *f.Since {
				f.Since = from
			}
			parts = append(parts, merged{dated[p.leg], p.filter})
		}
		s.filters = append(s.filters, f)
		s.parts = append(s.parts, parts)
		s.claims = append(s.claims, newClaim(f))
	}
	s.index = newIndex(s.legs)
	s.brought = make([]brought, len(s.filters))
	return s
}

func (s *subscription) event(g *wire.Peek) {
	found := s.index.find(g)
	if !s.stored {
		poke(s.heard)
		s.count(g)
	} else {
		s.live.Add(1)
		if isKnown(g, found) {
			return
		}
	}
	s.read(g, found, s.stored, s)
}

// count notes what an event of the answer says about how far the answer reaches.
func (s *subscription) count(g *wire.Peek) {
	met, by := 0, 0
	for i := range s.claims {
		if s.claims[i].met(g) {
			met, by = met+1, i
		}
	}
	if met > 0 {
		s.events++
	}
	if met == 1 {
		s.brought[by].add(g.CreatedAt)
	}
}

// isKnown reports whether every leg that wants the event has handled it.
func isKnown(g *wire.Peek, found []*served) bool {
	if len(found) == 0 {
		return true
	}
	id, ok := g.ClaimedID()
	return ok && !slices.ContainsFunc(found, func(s *served) bool { return !s.leg.query.isHandled(id) })
}

// refuser is told of events that a query had no room for.
type refuser interface {
	turnedAway(one *served, filter int, e *nostr.Event)
}

// read checks an event and offers it to the legs that were found for it.
func (s *subscription) read(g *wire.Peek, found []*served, live bool, away refuser) {
	if len(found) == 0 {
		return
	}
	c, err := s.recent.read(g)
	if err != nil {
		return
	}
	now := time.Now()
	if c.event.CreatedAt.Time().After(now.Add(maxFuture)) {
		return
	}
	for _, one := range found {
		filter := one.first
		if !one.filters[filter].Matches(c.event) {
			filter = match(one.filters, c.event)
		}
		if filter < 0 || one.isOver() {
			continue
		}
		o := offer{leg: one.leg, copy: c, stored: !live}
		if live {
			// Not past now: the clock may have been put back below the position.
			o.hold = min(now.Unix(), max(one.at.Since, int64(c.event.CreatedAt)))
		} else {
			o.backlog = one.isBacklog(filter, c.event)
		}
		if !one.leg.query.take(o) {
			away.turnedAway(one, filter, c.event)
		}
	}
}

// isOver reports whether the leg is not served any more.
func (s *served) isOver() bool { return s.leg.term.Load() != s.term }

// isBacklog reports whether a stored event was there before the query first ran. A filter that names its own since
// wants what is older. What is wrapped is dated at random: only what the first look brings counts as old.
func (s *served) isBacklog(filter int, e *nostr.Event) bool {
	own := s.leg.filters[filter]
	return own.Since == nil && int64(e.CreatedAt) < s.at.Floor && (!s.at.Primed || !isWrapped(own))
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
	s.rest()
}

// finish ends the subscription; the first reason counts.
func (s *subscription) finish(end ending) {
	select {
	case s.ended <- end:
	default:
	}
}

// caughtUp lets the positions follow the link's signs of life, where nothing is left to read.
func (s *subscription) caughtUp() {
	for _, one := range s.legs {
		one.leg.query.mu.Lock()
		if len(one.behind) == 0 && !one.busy {
			s.stand(one)
		}
		one.leg.query.mu.Unlock()
	}
	s.proven = time.Now()
}

// stand does so for one leg, unless the subscription is over already. The query's lock is held.
func (s *subscription) stand(one *served) {
	if l := one.leg; len(s.ended) == 0 && !one.isOver() {
		l.at.Primed = true
		l.live, l.by = s.link, s
	}
}

// rest ends that for the legs that no other subscription has taken over.
func (s *subscription) rest() {
	for _, one := range s.legs {
		l := one.leg
		l.query.mu.Lock()
		if l.by == s {
			l.progress()
			l.live, l.by = nil, nil
		}
		l.query.mu.Unlock()
	}
}

// broken is how the subscription ends when the older part could not be had.
func (s *subscription) broken(ctx context.Context, err error) ending {
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

func poke(c chan struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}

// encoded writes filters as a REQ carries them.
func encoded(filters nostr.Filters) ([]json.RawMessage, error) {
	raw := make([]json.RawMessage, len(filters))
	for i, f := range filters {
		var err error
		if raw[i], err = f.MarshalJSON(); err != nil {
			return nil, err
		}
	}
	return raw, nil
}
