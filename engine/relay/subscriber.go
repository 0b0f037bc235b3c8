package relay

import (
	"sync"
	"sync/atomic"
	"time"

	"github.com/nbd-wtf/go-nostr"
)

// subscriber is a query, or one class of its filters, on one relay.
type subscriber struct {
	query *query
	relay string
	// name is the stream of the query, and stream that of the subscriber.
	name    string
	stream  string
	class   class
	filters nostr.Filters
	maxAge  time.Duration
	// moving is held while the subscriber changes its session. left is true when it has none any more.
	moving sync.Mutex
	lease  *lease
	left   bool
	// saving is held while the cursor is stored; savedCursor is the one that Positions hold.
	saving      sync.Mutex
	savedCursor cursor
	// epoch rises when the subscriber is removed from the planner. Answers to requests of an earlier epoch are dropped.
	epoch atomic.Uint64

	// The lock of the planner guards these. An isolated subscriber must not share a subscription again, because the
	// relay refuses it. One of several of which the relay refuses some is suspect: it shares with these only.
	groups   []*group
	isolated bool
	suspect  bool
	refusal  refusal

	// The lock of the query guards what follows. link is the link whose signs of life advance the cursor, nil before
	// EOSE and after the subscription has ended.
	cursor       cursor
	link         *link
	subscription *subscription
}

// join puts the subscriber into the planner of its session.
func (sub *subscriber) join(n *Network, pubkey string) {
	sub.moving.Lock()
	defer sub.moving.Unlock()
	sub.lease = n.lease(sub.relay, pubkey)
	sub.lease.session.planner.add(sub)
}

// separate moves the subscriber to a session of its identity's own, because the relay has refused it on a shared one.
func (sub *subscriber) separate() {
	sub.moving.Lock()
	defer sub.moving.Unlock()
	if sub.left {
		return
	}
	sub.lease.session.planner.remove(sub)
	sub.lease.separate()
	sub.lease.session.planner.add(sub)
}

// leave takes the subscriber out for good.
func (sub *subscriber) leave() {
	sub.moving.Lock()
	defer sub.moving.Unlock()
	sub.left = true
	sub.lease.session.planner.remove(sub)
	sub.lease.release()
}

// detach stops the cursor from following the link.
func (sub *subscriber) detach() {
	sub.query.mu.Lock()
	defer sub.query.mu.Unlock()
	sub.advance()
	sub.link, sub.subscription = nil, nil
}
