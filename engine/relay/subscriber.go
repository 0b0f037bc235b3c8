package relay

import (
	"context"
	"sync/atomic"
	"time"

	"github.com/nbd-wtf/go-nostr"
)

// subscriber is a query, or one class of its filters, on one relay.
type subscriber struct {
	query *query
	lease *lease
	relay string
	// name is the query's stream, and stream that of the leg.
	name    string
	stream  string
	class   class
	filters nostr.Filters
	maxAge  time.Duration
	// savedCursor is what Positions hold; only the keeper of positions touches it.
	savedCursor cursor
	// asked has an entry when the relay has refused the leg on a shared session because it asks who we are.
	authAsked chan struct{}
	// term goes up when the leg stops being served; what was asked for before that is no longer for it.
	epoch atomic.Uint64

	// The planner's lock guards these. A leg that is alone must not share a subscription again: the relay refuses it.
	groups   []*group
	isolated bool
	refusal  refusal

	// The query's lock guards what follows. live is the link that carries the position on, nil before EOSE and
	// after the subscription by has ended.
	cursor       cursor
	link         *link
	subscription *subscription
}

// run keeps the leg served until ctx ends.
func (sub *subscriber) run(ctx context.Context) {
	defer sub.lease.release()
	for ctx.Err() == nil {
		p := sub.lease.session.planner
		p.add(sub)
		select {
		case <-ctx.Done():
			p.remove(sub)
		case <-sub.authAsked:
			p.remove(sub)
			sub.lease.separate()
		}
	}
}

// rest stops counting a link's signs of life: nobody listens for this leg now.
func (sub *subscriber) detach() {
	sub.query.mu.Lock()
	defer sub.query.mu.Unlock()
	sub.advance()
	sub.link, sub.subscription = nil, nil
}
