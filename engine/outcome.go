package engine

// Outcome is what became of one candidate. History, logs, metrics, tests and explanations use these words only.
type Outcome string

// The outcomes of a signal.
const (
	Fired          Outcome = "fired"
	ConditionFalse Outcome = "condition_false"
	ConditionError Outcome = "condition_error"
	Duplicate      Outcome = "duplicate"
	TooOld         Outcome = "too_old"
	Self           Outcome = "self"
	Loop           Outcome = "loop"
	RateLimited    Outcome = "rate_limited"
	BadSignature   Outcome = "bad_signature"
	ActionError    Outcome = "action_error"
	DryRun         Outcome = "dry_run"
	Disabled       Outcome = "disabled"
	// NoMatch is about what no trigger of the rule makes anything of: what a test or an explanation has shown it, or an event
	// that spoke to the identity.
	NoMatch Outcome = "no_match"
	// Held is not about a signal: the trigger waits for the operator.
	Held Outcome = "held"
	// Resumed and Undone are what the operator did: let a held rule go on, and took back what a rule published.
	Resumed Outcome = "resumed"
	Undone  Outcome = "undone"
	// Rerun is what the operator did too: had a signal that failed run again.
	Rerun Outcome = "rerun"
)

// DeliveryState is what became of one event on its way to one relay.
type DeliveryState string

// The states of a delivery.
const (
	Pending  DeliveryState = "pending"
	Accepted DeliveryState = "accepted"
	Rejected DeliveryState = "rejected"
	Retrying DeliveryState = "retrying"
	GivenUp  DeliveryState = "given_up"
)
