package ledger

import (
	"slices"
	"time"

	"rhea/engine"
)

// RuleReport is the activity of one rule.
type RuleReport struct {
	// Fired is when the rule fired last, Accepted when a relay last accepted an event of it; zero if never.
	Fired, Accepted time.Time
	// Waiting is how many signals wait for a limit of the rule.
	Waiting int
	// Outcomes counts the decisions within the span that was asked for, as far as the history reaches.
	Outcomes map[engine.Outcome]int
	// Failed is the last error of the rule; nil when it has run well since.
	Failed *LastOutcome
}

// LastOutcome is when a rule last had an outcome, and why.
type LastOutcome struct {
	Outcome engine.Outcome
	At      time.Time
	Reason  string
}

// LastFailure returns the newest failure among the last outcomes of a rule; nil when the rule has run well since.
func LastFailure(all []LastOutcome) *LastOutcome {
	var failed LastOutcome
	for _, o := range all {
		if ClassOf(o.Outcome) == ClassFailed && o.At.After(failed.At) {
			failed = o
		}
	}
	if failed.At.IsZero() || slices.ContainsFunc(all, failed.healedBy) {
		return nil
	}
	return &failed
}

// healedBy reports whether a later outcome shows that what failed works again: a condition that was false could be asked.
func (o LastOutcome) healedBy(later LastOutcome) bool {
	switch later.Outcome {
	case engine.Fired, engine.DryRun:
	case engine.ConditionFalse:
		if o.Outcome != engine.ConditionError {
			return false
		}
	default:
		return false
	}
	return later.At.After(o.At)
}

// RelayReport is the state of the deliveries to one relay.
type RelayReport struct {
	// Settled counts the settled deliveries by state, Owed the open ones; Oldest is when the oldest of these was committed.
	Settled map[engine.DeliveryState]int
	Owed    int
	Oldest  time.Time
	// Answered is when a try to deliver last ended, Answer its result, and Reason why.
	Answered time.Time
	Answer   engine.DeliveryState
	Reason   string
}

// OutboxQuery selects deliveries. Zero fields select everything.
type OutboxQuery struct {
	Rule, Relay string
	// Event is the id of an event or its beginning.
	Event  string
	States []engine.DeliveryState
	// Since and Until bound the time of the commit, both included.
	Since, Until time.Time
	// Limit is the largest number of deliveries.
	Limit int
}

// Item is a delivery with its times.
type Item struct {
	engine.Delivery
	// Next is when it is tried again, Changed when its state last changed; each zero if never.
	Next, Changed time.Time
}
