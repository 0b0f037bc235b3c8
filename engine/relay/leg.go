package relay

import (
	"context"
	"log/slog"
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
		l.unlisten()
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

// unlisten stops counting the link's signs of life: nobody listens for this leg now.
func (l *leg) unlisten() {
	l.query.mu.Lock()
	defer l.query.mu.Unlock()
	l.progress()
	l.live = nil
}

// listen subscribes on the link and returns when the subscription is over.
func (l *leg) listen(ctx context.Context, link *link, p *policy) ending {
	s := l.subscription(link)
	filters, err := wire(s.filters)
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
			if err := s.older(ctx); err != nil {
				// The older part is still missing: ask for all of it again.
				return s.broken(ctx, err)
			}
			s.caughtUp()
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
func (l *leg) subscription(link *link) *subscription {
	l.query.mu.Lock()
	at := l.at
	l.query.mu.Unlock()
	filters := since(l.filters, at.Since, l.maxAge, time.Now())
	return &subscription{
		leg:     l,
		link:    link,
		at:      at,
		filters: filters,
		brought: make([]brought, len(filters)),
		eosed:   make(chan struct{}),
		heard:   make(chan struct{}, 1),
		ended:   make(chan ending, 1),
	}
}

// read checks an event that came for some filters; nil when it is a forgery or does not belong.
func (l *leg) read(key copyKey, raw []byte, filters nostr.Filters) *checked {
	c, err := l.recent.read(key, raw)
	if err != nil || match(filters, c.event) < 0 || c.event.CreatedAt.Time().After(time.Now().Add(maxFuture)) {
		return nil
	}
	return c
}
