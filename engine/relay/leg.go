package relay

import (
	"context"
	"encoding/json"
	"log/slog"
	"slices"
	"time"

	"github.com/nbd-wtf/go-nostr"
)

// leg is one query on one relay.
type leg struct {
	query   *query
	session *session
	recent  *recent
	relay   string
	stream  string
	filters nostr.Filters
	maxAge  time.Duration
	log     *slog.Logger
	// saved is what Positions hold; only the keeper of positions touches it.
	saved place

	// The query's lock guards what follows. live is the link that carries the position on, nil before EOSE and
	// after the subscription has ended.
	at   place
	live *link
}

// ending is how a subscription ended: the link was lost, the query was full, EOSE did not come, or the relay closed
// it for a reason, which may be empty.
type ending struct {
	lost, full, quiet, closed bool
	reason                    string
	// authed is the challenge that had been answered when the subscription was sent.
	authed string
}

// run keeps the leg subscribed until ctx ends.
func (l *leg) run(ctx context.Context) {
	var p policy
	for {
		link, err := l.session.wait(ctx)
		if err != nil {
			return
		}
		authed, start := link.authedBy(), time.Now()
		end := l.listen(ctx, link, &p)
		end.authed = authed
		l.rest()
		if ctx.Err() != nil {
			return
		}
		if time.Since(start) >= stable {
			p.settled()
		}
		if end.full {
			select {
			case <-l.query.room():
			case <-ctx.Done():
				return
			}
		}
		if !sleep(ctx, l.pause(ctx, link, end, &p)) {
			return
		}
	}
}

// rest stops counting the link's signs of life: nobody listens for this leg now.
func (l *leg) rest() {
	l.query.mu.Lock()
	defer l.query.mu.Unlock()
	l.progress()
	l.live = nil
}

// listen subscribes on the link and returns when the subscription is over.
func (l *leg) listen(ctx context.Context, link *link, p *policy) ending {
	s, filters, err := l.subscription(link)
	if err != nil {
		return ending{closed: true, reason: err.Error()}
	}
	id, err := link.subscribe(ctx, filters, s)
	if err != nil {
		return ending{lost: true}
	}
	defer func() {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), farewell)
		defer cancel()
		_ = link.unsubscribe(ctx, id) // A relay that cannot be told has no use for it.
	}()
	deadline := p.deadline()
	quiet := time.NewTimer(deadline)
	defer quiet.Stop()
	for eosed := s.eosed; ; {
		select {
		case <-ctx.Done():
			return ending{}
		case <-link.ctx.Done():
			return ending{lost: true}
		case end := <-s.ended:
			return end
		case <-eosed:
			eosed = nil
			quiet.Stop()
			if p.accepted() {
				l.log.Info("subscription stands again")
			}
		case <-s.heard:
			if eosed != nil {
				quiet.Reset(deadline)
			}
		case <-quiet.C:
			return ending{quiet: true}
		}
	}
}

// farewell is how long the end of a subscription waits for the relay to be told.
const farewell = 100 * time.Millisecond

// subscription prepares a REQ that starts where the leg stands.
func (l *leg) subscription(link *link) (*subscription, []json.RawMessage, error) {
	l.query.mu.Lock()
	at := l.at
	l.query.mu.Unlock()
	s := &subscription{
		leg:     l,
		link:    link,
		at:      at,
		filters: since(l.filters, at.Since, l.maxAge, time.Now()),
		eosed:   make(chan struct{}),
		heard:   make(chan struct{}, 1),
		ended:   make(chan ending, 1),
	}
	raw := make([]json.RawMessage, len(s.filters))
	for i, f := range s.filters {
		var err error
		if raw[i], err = f.MarshalJSON(); err != nil {
			return nil, nil, err
		}
	}
	return s, raw, nil
}

// subscription is one REQ of a leg. Its methods run on the link's reading goroutine and do not block.
type subscription struct {
	leg  *leg
	link *link
	// at is where the leg stood when it asked.
	at      place
	filters nostr.Filters

	eosed chan struct{}
	heard chan struct{}
	ended chan ending
	// stored says that EOSE has come; over, that an event was turned away.
	stored, over bool
}

func (s *subscription) event(raw []byte) {
	select {
	case s.heard <- struct{}{}:
	default:
	}
	key, err := peekKey(raw)
	if err != nil || s.leg.query.isHandled(key.id) {
		return
	}
	c, err := s.leg.recent.read(key, raw)
	if err != nil {
		return // A forgery is not worth an answer.
	}
	i := match(s.filters, c.event)
	now := time.Now()
	if i < 0 || c.event.CreatedAt.Time().After(now.Add(maxFuture)) {
		return
	}
	o := offer{leg: s.leg, copy: c, hold: s.at.Since}
	if s.stored {
		o.hold = max(s.at.Since, min(now.Unix(), int64(c.event.CreatedAt)))
	} else {
		o.backlog = s.isBacklog(i, c.event)
	}
	if !s.leg.query.take(o) {
		s.turnedAway(c.event)
	}
}

// isBacklog reports whether a stored event was there before the query first ran. A filter that names its own since
// wants what is older. What is wrapped is dated at random: only what the first look brings counts as old.
func (s *subscription) isBacklog(filter int, e *nostr.Event) bool {
	own := s.leg.filters[filter]
	return own.Since == nil && int64(e.CreatedAt) < s.at.Floor && !(s.at.Primed && isWrapped(own))
}

// turnedAway ends the subscription so that it can start again from a position before the event.
func (s *subscription) turnedAway(e *nostr.Event) {
	l := s.leg
	l.query.mu.Lock()
	l.progress()
	l.live = nil
	l.at.Since = max(s.at.Since, min(l.at.Since, int64(e.CreatedAt)))
	l.query.mu.Unlock()
	s.over = true
	s.finish(ending{full: true})
}

func (s *subscription) eose(string) {
	if s.stored {
		return
	}
	s.stored = true
	close(s.eosed)
	if s.over {
		return
	}
	s.leg.query.mu.Lock()
	defer s.leg.query.mu.Unlock()
	s.leg.at.Primed = true
	s.leg.live = s.link
}

func (s *subscription) closed(reason string) {
	s.leg.rest()
	s.finish(ending{closed: true, reason: reason})
}

func (s *subscription) finish(end ending) {
	select {
	case s.ended <- end:
	default: // The first end counts.
	}
}

var _ receiver = (*subscription)(nil)

// holdsBacklog reports whether any copy of a waiting event is backlog of this leg.
func (w *waiting) holdsBacklog(l *leg) bool {
	return slices.ContainsFunc(w.copies, func(o offer) bool { return o.leg == l && o.backlog })
}
