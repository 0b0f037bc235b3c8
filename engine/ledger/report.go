package ledger

import (
	"time"

	"rhea/engine"
)

// RuleReport is what a ledger knows of one rule.
type RuleReport struct {
	// Fired is when the rule fired last, Accepted when a relay last accepted an event of it; zero if never.
	Fired, Accepted time.Time
	// Waiting is how many signals wait for a limit of the rule.
	Waiting int
	// Outcomes counts the decisions within the span that was asked for, as far as the history reaches.
	Outcomes map[engine.Outcome]int
}

// RelayReport is what a ledger knows of one relay.
type RelayReport struct {
	// States counts the deliveries by what became of them; Oldest is when the oldest open one was committed.
	States map[engine.DeliveryState]int
	Oldest time.Time
	// Answered is when a try to deliver ended last, Answer how, and Reason why.
	Answered time.Time
	Answer   engine.DeliveryState
	Reason   string
}

// OutboxQuery selects deliveries. Zero fields select everything.
type OutboxQuery struct {
	Rule, Relay string
	// Event is an event's id, or how it begins.
	Event  string
	States []engine.DeliveryState
	// Since and Until bound the time of the commit, both included.
	Since, Until time.Time
	// Limit is the largest number of deliveries.
	Limit int
}

// Item is a delivery as people look at it.
type Item struct {
	engine.Delivery
	// Next is when it is tried again, Changed when something last became of it; zero for neither.
	Next, Changed time.Time
}
