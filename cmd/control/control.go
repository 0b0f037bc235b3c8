package control

import (
	"context"
	"time"

	"github.com/nbd-wtf/go-nostr"

	"rhea/engine"
)

// Controls are the orders that an operator can give. Both a [Controller] and the client of a running bot carry them out.
type Controls interface {
	ruleControls
	outboxControls
	// Send publishes what the operator has written.
	Send(ctx context.Context, o SendOrder) (SendAnswer, error)
	Close() error
}

type ruleControls interface {
	// Hold stops a rule until Resume. What it has committed already is still sent.
	Hold(ctx context.Context, o HoldOrder) (HoldAnswer, error)
	// Resume ends every hold of a rule: the operator's, the flood stop's and those of its feeds.
	Resume(ctx context.Context, o HoldOrder) (HoldAnswer, error)
	// Rerun has signals of a rule that failed run again.
	Rerun(ctx context.Context, o RerunOrder) (RerunAnswer, error)
	// Undo asks the relays to delete what a rule has published.
	Undo(ctx context.Context, o UndoOrder) (UndoAnswer, error)
}

type outboxControls interface {
	// Retry makes deliveries due now; Drop gives up those that are open.
	Retry(ctx context.Context, o OutboxOrder) (OutboxAnswer, error)
	Drop(ctx context.Context, o OutboxOrder) (OutboxAnswer, error)
	// DropWaiting ends the wait of signals for a limit of their rule; they are not answered.
	DropWaiting(ctx context.Context, o WaitingOrder) (WaitingAnswer, error)
}

// HoldOrder names a rule, and says why it is held.
type HoldOrder struct {
	Rule   string `json:"rule"`
	Reason string `json:"reason,omitempty"`
}

// HoldAnswer lists what held the rule before the order.
type HoldAnswer struct {
	Rule  string        `json:"rule"`
	Held  bool          `json:"held"`
	Holds []engine.Hold `json:"holds"`
}

// OutboxOrder names deliveries.
type OutboxOrder struct {
	Deliveries []DeliveryName `json:"deliveries"`
}

// DeliveryName names a delivery.
type DeliveryName struct {
	Event string `json:"event"`
	Relay string `json:"relay"`
}

// OutboxAnswer lists what was changed; deliveries that ended meanwhile are left out.
type OutboxAnswer struct {
	Changed []DeliveryName `json:"changed"`
}

// WaitingOrder lists the signals to drop, so that only those are dropped that the operator has seen.
type WaitingOrder struct {
	Rule string   `json:"rule"`
	Keys []string `json:"keys"`
}

// WaitingAnswer lists what was dropped; signals that were answered meanwhile are left out.
type WaitingAnswer struct {
	Rule    string   `json:"rule"`
	Dropped []string `json:"dropped"`
}

// RerunOrder lists the signals to run again, so that only those run that the operator has seen.
type RerunOrder struct {
	Rule string   `json:"rule"`
	Keys []string `json:"keys"`
}

// RerunAnswer lists what runs again; signals that ran again meanwhile are left out.
type RerunAnswer struct {
	Rule  string           `json:"rule"`
	Items []engine.Failure `json:"items"`
}

// UndoOrder names what is to be taken back.
type UndoOrder struct {
	Rule string `json:"rule"`
	// Since and Until bound when the events were made, so that only those are taken back that the operator has seen.
	Since  time.Time `json:"since"`
	Until  time.Time `json:"until"`
	Reason string    `json:"reason,omitempty"`
}

// UndoAnswer tells what was taken back.
type UndoAnswer struct {
	// Events is how many were taken back, and Requests are the ids of the events of kind 5 that ask for it.
	Events   int      `json:"events"`
	Requests []string `json:"requests"`
	// Dropped is how many deliveries were still owed and will not be sent.
	Dropped int `json:"dropped"`
}

// SendOrder is an event that the operator has written. It is complete but for its signature.
type SendOrder struct {
	Event  nostr.Event `json:"event"`
	Relays []string    `json:"relays"`
	Quorum int         `json:"quorum"`
}

// SendAnswer is the event as it was signed and kept, and when that was.
type SendAnswer struct {
	Event     nostr.Event `json:"event"`
	Committed time.Time   `json:"committed"`
}
