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
	// name is the stream of the query, and stream that of the subscriber.
	name    string
	stream  string
	class   class
	filters nostr.Filters
	maxAge  time.Duration
	// savedCursor is the cursor that Positions hold; only the goroutine that saves cursors uses it.
	savedCursor cursor
	// authAsked has an entry when the relay has refused the subscriber on a shared session because it wants
	// authentication.
	authAsked chan struct{}
	// epoch rises when the subscriber is removed from the planner. Answers to requests of an earlier epoch are dropped.
	epoch atomic.Uint64

	// The lock of the planner guards these. An isolated subscriber must not share a subscription again, because the
	// relay refuses it.
	groups   []*group
	isolated bool
	refusal  refusal

	// The lock of the query guards what follows. link is the link whose signs of life advance the cursor, nil before
	// EOSE and after the subscription has ended.
	cursor       cursor
	link         *link
	subscription *subscription
}

// run keeps the subscriber in a planner until ctx ends.
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

// detach stops the cursor from following the link.
func (sub *subscriber) detach() {
	sub.query.mu.Lock()
	defer sub.query.mu.Unlock()
	sub.advance()
	sub.link, sub.subscription = nil, nil
}
