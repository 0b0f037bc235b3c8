package relay

import (
	"context"
	"sync/atomic"
	"time"

	"github.com/nbd-wtf/go-nostr"
)

// leg is a query, or one class of its filters, on one relay.
type leg struct {
	query *query
	seat  *seat
	relay string
	// name is the query's stream, and stream that of the leg.
	name    string
	stream  string
	class   class
	filters nostr.Filters
	maxAge  time.Duration
	// saved is what Positions hold; only the keeper of positions touches it.
	saved place
	// asked has an entry when the relay has refused the leg on a shared session because it asks who we are.
	asked chan struct{}
	// term goes up when the leg stops being served; what was asked for before that is no longer for it.
	term atomic.Uint64

	// The planner's lock guards these. A leg that is alone must not share a subscription again: the relay refuses it.
	groups  []*group
	alone   bool
	refused refusal

	// The query's lock guards what follows. live is the link that carries the position on, nil before EOSE and
	// after the subscription by has ended.
	at   place
	live *link
	by   *subscription
}

// run keeps the leg served until ctx ends.
func (l *leg) run(ctx context.Context) {
	defer l.seat.leave()
	for ctx.Err() == nil {
		p := l.seat.session.planner
		p.join(l)
		select {
		case <-ctx.Done():
			p.leave(l)
		case <-l.asked:
			p.leave(l)
			l.seat.own()
		}
	}
}

// rest stops counting a link's signs of life: nobody listens for this leg now.
func (l *leg) rest() {
	l.query.mu.Lock()
	defer l.query.mu.Unlock()
	l.progress()
	l.live, l.by = nil, nil
}
