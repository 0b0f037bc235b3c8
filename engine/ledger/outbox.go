package ledger

import (
	"context"
	"errors"
	"iter"

	"rhea/engine"
)

// ErrNotFound is returned when the ledger holds no such delivery.
var ErrNotFound = errors.New("no such delivery")

// Outbox is what a backend offers to the operator of the outbox.
type Outbox interface {
	// Deliveries yields the deliveries in the given states, all without any, newest first.
	Deliveries(ctx context.Context, states ...engine.DeliveryState) iter.Seq2[engine.Delivery, error]
	// Retry makes a delivery due now, whatever its state. It returns ErrNotFound when there is none.
	Retry(ctx context.Context, event, relay string) error
	// Drop gives up an open delivery. It returns ErrNotFound when there is none.
	Drop(ctx context.Context, event, relay string) error
}

// Dropped is the reason of a delivery that was dropped by hand.
const Dropped = "dropped by hand"
