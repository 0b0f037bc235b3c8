package ledger

import (
	"context"
	"errors"
	"iter"
	"time"

	"github.com/nbd-wtf/go-nostr"

	"rhea/engine"
)

// Reader is what a backend offers to those who inspect a state, also while a bot runs on it. It reads what is stored
// and does not wait for pending writes of the bot.
type Reader interface {
	Base
	Decisions
	Reports
	// Close releases the store.
	Close() error
}

// Base is what a dry run asks of the state.
type Base interface {
	Position(ctx context.Context, stream string) (string, error)
	Seen(ctx context.Context, rule, key string) (bool, error)
	Counted(ctx context.Context, counter string, after time.Time) ([]time.Time, error)
	Event(ctx context.Context, id string) (*nostr.Event, error)
	Latest(ctx context.Context, address, relay string) (*nostr.Event, error)
}

// Decisions is the history.
type Decisions interface {
	// History returns decisions, newest first.
	History(ctx context.Context, q engine.HistoryQuery) ([]engine.Decision, error)
	// Follow returns the decisions that were stored after a place in the history, in the order of their storing, and the
	// place of the last one. A negative place stands for the end: nothing is returned but where that is. The query's Since
	// and Limit do not count.
	Follow(ctx context.Context, q engine.HistoryQuery, after int64) (found []engine.Decision, last int64, err error)
	// Decided returns when the newest decision was made, by the clock of then; zero without one.
	Decided(ctx context.Context) (time.Time, error)
}

// Reports tell how rules, relays and deliveries stand.
type Reports interface {
	engine.Waits
	// Positions returns the positions of all streams whose names begin with prefix.
	Positions(ctx context.Context, prefix string) (map[string]string, error)
	// Rules returns what every rule that left a trace has done, with its outcomes since a time.
	Rules(ctx context.Context, since time.Time) (map[string]*RuleReport, error)
	// RelayReports returns what became of the deliveries to every relay.
	RelayReports(ctx context.Context) (map[string]*RelayReport, error)
	// Outbox yields the deliveries that a query selects, newest first.
	Outbox(ctx context.Context, q OutboxQuery) iter.Seq2[Item, error]
	// Newest returns what became of the newest version of an address at each relay.
	Newest(ctx context.Context, address string) ([]Item, error)
}

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
