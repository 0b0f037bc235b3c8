package relay

import (
	"context"
	"encoding/json"
	"errors"
	"time"

	"github.com/nbd-wtf/go-nostr"
)

// subscription is one REQ of a leg. The methods of receiver run on the link's reading goroutine and do not block.
type subscription struct {
	leg  *leg
	link *link
	// at is where the leg stood when it asked.
	at      place
	filters nostr.Filters

	eosed chan struct{}
	heard chan struct{}
	ended chan ending

	// The reading goroutine owns these; brought and complete are settled when eosed is closed.
	stored   bool
	brought  []brought
	complete bool
}

// brought is what the stored part of an answer held for one filter.
type brought struct {
	events int
	oldest nostr.Timestamp
}

func (b *brought) add(e *nostr.Event) {
	if b.events == 0 || e.CreatedAt < b.oldest {
		b.oldest = e.CreatedAt
	}
	b.events++
}

var _ receiver = (*subscription)(nil)

func (s *subscription) event(raw []byte) {
	poke(s.heard)
	key, err := peekKey(raw)
	if err != nil || (s.stored && s.leg.query.isHandled(key.id)) {
		return
	}
	c := s.leg.read(key, raw, s.filters)
	if c == nil {
		return
	}
	if s.stored {
		s.offer(offer{
			leg: s.leg, copy: c, hold: max(s.at.Since, min(time.Now().Unix(), int64(c.event.CreatedAt))),
		})
		return
	}
	for i, f := range s.filters {
		if f.Matches(c.event) {
			s.brought[i].add(c.event)
		}
	}
	s.offerStored(c)
}

// offerStored offers what the relay had before it was asked.
func (s *subscription) offerStored(c *checked) {
	i := match(s.filters, c.event)
	s.offer(offer{leg: s.leg, copy: c, hold: s.at.Since, backlog: i >= 0 && s.isBacklog(i, c.event)})
}

// offer hands an event to the query. When the query is full the subscription ends, so that it can start again from
// a position before the event.
func (s *subscription) offer(o offer) {
	if s.leg.query.take(o) {
		return
	}
	// In this order nobody can set live again in between.
	s.finish(ending{full: true})
	l := s.leg
	l.query.mu.Lock()
	defer l.query.mu.Unlock()
	l.progress()
	l.live = nil
	l.at.Since = max(s.at.Since, min(l.at.Since, int64(o.copy.event.CreatedAt)))
}

// isBacklog reports whether a stored event was there before the query first ran. A filter that names its own since
// wants what is older. What is wrapped is dated at random: only what the first look brings counts as old.
func (s *subscription) isBacklog(filter int, e *nostr.Event) bool {
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
	s.leg.unlisten()
}

// finish ends the subscription; the first reason counts.
func (s *subscription) finish(end ending) {
	select {
	case s.ended <- end:
	default:
	}
}

// caughtUp lets the position follow the link's signs of life, unless the subscription is over already.
func (s *subscription) caughtUp() {
	l := s.leg
	l.query.mu.Lock()
	defer l.query.mu.Unlock()
	if len(s.ended) == 0 {
		l.at.Primed = true
		l.live = s.link
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

// wire writes filters as a REQ carries them.
func wire(filters nostr.Filters) ([]json.RawMessage, error) {
	raw := make([]json.RawMessage, len(filters))
	for i, f := range filters {
		var err error
		if raw[i], err = f.MarshalJSON(); err != nil {
			return nil, err
		}
	}
	return raw, nil
}
