package engine

import (
	"time"
)

// Rule is one rule, compiled and ready to run.
type Rule struct {
	// Name is unique; state, history and metrics are kept under it.
	Name string
	// Place is file:line of the rule.
	Place string
	// Disabled rules do nothing; DryRun rules do everything but store and publish.
	Disabled, DryRun bool
	// Identity is the name of the identity that the rule acts as.
	Identity string
	// Derived, when set, makes identities below Identity that the rule acts as.
	Derived *Derived
	// Relays are the addresses to publish to.
	Relays []string
	// Outbox publishes where the identity and the people it addresses say (NIP-65); Relays are for when nobody does.
	Outbox bool
	// Triggers are joined by "or".
	Triggers []RuleTrigger
	// If must all hold.
	If []Condition
	// Steps run in order.
	Steps []Step
	// MaxAge is how old a signal may be; 0 means any age.
	MaxAge time.Duration
	// Dedupe, when set, replaces the trigger's key.
	Dedupe Text
	// Concurrency is how many signals of different groups may run side by side.
	Concurrency int
	// Group, when set, replaces the trigger's group.
	Group Text
	// Retry and Quorum are copied into every delivery.
	Retry  Retry
	Quorum int
	// PoW is what may be spent when a relay wants proof of work.
	PoW PoWBudget
	// Limit, AllowBots, Patience and ExpectEvery guard what the rule does.
	Limit       Limit
	AllowBots   bool
	Patience    Patience
	ExpectEvery time.Duration
	// OptOut lets people tell the bot to leave them alone; nil for rules that nobody speaks to.
	OptOut *OptOut
	// FloodStop is the most that the rule may publish, on every rate; nil means [DefaultRuleFlood] and no more than
	// its history makes likely. A rule that would exceed it is held; what strangers set off slows down instead.
	FloodStop []Rate
	// RepeatAfter is how long the same words to the same people are not published again; 0 means no time.
	RepeatAfter time.Duration
	// RepeatPlanned has RepeatAfter hold for planned times too, where the operator may mean to say the same again.
	RepeatPlanned bool
	// Cycles says that an expression draws from a cycle, so that the actions of two signals must not run at once.
	Cycles bool
	// Fingerprint tells what the conditions and actions compile to from any other; "" when nobody knows.
	Fingerprint string
	// Uses holds the variables that the rule's expressions name: "author.name", "event.content".
	Uses map[string]bool
}

// RuleTrigger is one trigger of a rule with its configuration.
type RuleTrigger struct {
	Kind TriggerKind
	// Config is a value of Kind.Config.
	Config any
	// Relays are the addresses to listen to.
	Relays []string
}

// Step is one action of a rule with what stands beside it.
type Step struct {
	// ID is the name under which later actions see the output; "" when it has none.
	ID string
	// Kind is the name of the action's kind.
	Kind string
	// If skips the action when false.
	If Condition
	// Action does the work.
	Action Action
	// Identity and Relays replace the rule's when set.
	Identity string
	Relays   []string
	// Outbox is the rule's Outbox for this action.
	Outbox bool
	// Continue goes on with the next action when this one fails.
	Continue bool
}

// Limit caps how often a rule answers.
type Limit struct {
	// Rate caps the rule, Author the answers to each author and Thread those below one root, on every rate that is
	// listed; none means no cap.
	Rate, Author, Thread []Rate
	// Queue keeps what is over the limit for later instead of dropping it.
	Queue bool
}
