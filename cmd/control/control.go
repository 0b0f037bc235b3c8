package control

import (
	"context"
	"time"

	"rhea/engine"
)

// Controls change what a bot does and owes. One process at a time writes the state: while a bot runs it is the bot,
// which offers its controls over a socket (see [server]); otherwise a verb opens the state itself (see [Controller]).
type Controls interface {
	ruleControls
	outboxControls
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

// HoldAnswer tells what held the rule before.
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

// OutboxAnswer lists what was changed; what was settled meanwhile is left out.
type OutboxAnswer struct {
	Changed []DeliveryName `json:"changed"`
}

// waitingOrder names what waits, so that nothing is dropped that was not meant.
type WaitingOrder struct {
	Rule string   `json:"rule"`
	Keys []string `json:"keys"`
}

// WaitingAnswer lists what waits no longer; what was answered meanwhile is left out.
type WaitingAnswer struct {
	Rule    string   `json:"rule"`
	Dropped []string `json:"dropped"`
}

// rerunOrder names what is to run again, so that nothing does that was not shown.
type RerunOrder struct {
	Rule string   `json:"rule"`
	Keys []string `json:"keys"`
}

// RerunAnswer lists what runs again; what has been run again meanwhile is left out.
type RerunAnswer struct {
	Rule  string           `json:"rule"`
	Items []engine.Failure `json:"items"`
}

// UndoOrder names what is to be taken back.
type UndoOrder struct {
	Rule string `json:"rule"`
	// Since and Until bound the time at which the events were made, so that nothing is undone that was not shown.
	Since  time.Time `json:"since"`
	Until  time.Time `json:"until"`
	Reason string    `json:"reason,omitempty"`
}

// UndoAnswer tells what was taken back.
type UndoAnswer struct {
	// Events is how many were taken back, by the Requests, which are the ids of events of kind 5.
	Events   int      `json:"events"`
	Requests []string `json:"requests"`
	// Dropped is how many deliveries were still owed and are not sent any more.
	Dropped int `json:"dropped"`
}
