package ledger

import (
	"context"
	"errors"
	"time"

	"rhea/engine"
)

// ErrClosed is returned by every call on a closed ledger.
var ErrClosed = errors.New("the ledger is closed")

// Queue is the store of a [Drainer]. All methods are safe for concurrent use.
type Queue interface {
	// Relays returns every relay with open deliveries, and the time at which the first of them is due.
	Relays(ctx context.Context) (map[string]time.Time, error)
	// Due returns at most n deliveries to relay that are due at now, in the order of their commits. When there
	// are none, next is when the first will be due, zero when nothing is owed.
	Due(ctx context.Context, relay string, now time.Time, n int) (due []Owed, next time.Time, err error)
	// Settle stores the result of a delivery soon, with others, and calls stored with nil or the fault. A try that counts
	// raises Attempts; one that does not changes only when the delivery is due, and the reason.
	Settle(s Settled, stored func(error))
	// Hurry makes it store at once what was settled before.
	Hurry()
}

// Owed is a delivery with its number in the queue.
type Owed struct {
	// ID is unique among the deliveries to one relay, and rises with the commits.
	ID int64
	engine.Delivery
}

// Settled is the result of the delivery ID to Relay, of what Rule made.
type Settled struct {
	ID          int64
	Relay, Rule string
	engine.Settlement
}

// Final reports whether a delivery leaves a state only by hand.
func Final(s engine.DeliveryState) bool {
	return s == engine.Accepted || s == engine.Rejected || s == engine.GivenUp
}

// Counts reports whether a try that ended in this state counts as an attempt.
func Counts(s engine.DeliveryState) bool { return Final(s) || s == engine.Retrying }
