package engine

import (
	"fmt"
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
	// Silent says that the action publishes nothing.
	Silent bool
	// Continue goes on with the next action when this one fails.
	Continue bool
}

// Unguarded lists the steps that run for every signal of the triggers: no condition and no rate of the rule bounds them.
func (r *Rule) Unguarded() (steps []Step) {
	if len(r.If) > 0 || len(r.Limit.Rate) > 0 {
		return nil
	}
	for _, s := range r.Steps {
		if s.If.IsZero() {
			steps = append(steps, s)
		}
	}
	return steps
}

// Streams names the stream of each trigger, by rule and kind, so that editing or reordering a rule does not lose
// their places.
func (r *Rule) Streams() []string {
	seen := make(map[string]int)
	streams := make([]string, len(r.Triggers))
	for i, t := range r.Triggers {
		streams[i] = r.Name + "/" + t.Kind.Name
		if seen[streams[i]]++; seen[streams[i]] > 1 {
			streams[i] = fmt.Sprintf("%s/%d", streams[i], seen[streams[i]])
		}
	}
	return streams
}

// Limit caps how often a rule answers.
type Limit struct {
	// Rate caps the rule, Author the answers to each author and Thread those below one root, on every rate that is
	// listed; none means no cap.
	Rate, Author, Thread []Rate
	// Queue keeps what is over the limit for later instead of dropping it.
	Queue bool
}

// Patience is for how long an author is answered who never takes a break: people sleep, bots do not. Whoever got so
// many answers without a break is taken for a bot until one is taken; the next time it has to be twice as long.
type Patience struct {
	// Answers is how many answers an author gets without a break; 0 means any number.
	Answers int
	// Break is how long an author must be silent for it to be one; 0 means that patience never ends.
	Break time.Duration
}

// OptOut lets people tell the bot to leave them alone. Whoever says so is ignored by every rule of the identity,
// for good, until they say otherwise.
type OptOut struct {
	// Stop and Start are the words, in any case, that a message to the bot must consist of.
	Stop, Start []string
	// Stopped and Started confirm; nil says nothing.
	Stopped, Started Action
}

// Derived lets a rule act as an identity of its own for each value of Path, such as one for each of many feeds.
type Derived struct {
	// Path tells one identity from another. The same path below the same identity is the same key for ever.
	Path Text
	// Profile is what each of them says about itself (kind 0, NIP-24), published before what it says next whenever that
	// has changed; nil publishes none.
	Profile []ProfileField
}

// ProfileField is one field of a profile, such as "about". One that has no text is left out.
type ProfileField struct {
	Name string
	Text Text
}

// PoWBudget is how much work may be done for a relay that wants proof of work for an event (NIP-13).
type PoWBudget struct {
	// Bits is the most that is mined; 0 mines nothing.
	Bits int
	// Time bounds the mining of one event.
	Time time.Duration
}

// DefaultPoWBudget is what a rule may spend unless it says otherwise.
func DefaultPoWBudget() PoWBudget { return PoWBudget{Bits: 20, Time: 30 * time.Second} }

// DefaultRuleFlood and DefaultIdentityFlood are the most that a rule and an identity may publish unless they say
// otherwise: far more than people put up with, and far less than a flood. The rule's is lower, so that one rule that
// runs wild is stopped before it stops the others.
func DefaultRuleFlood() []Rate {
	return []Rate{{300, 10 * time.Minute}, {5000, 24 * time.Hour}}
}

// DefaultIdentityFlood is the budget of an identity, see [DefaultRuleFlood].
func DefaultIdentityFlood() []Rate {
	return []Rate{{600, 10 * time.Minute}, {10_000, 24 * time.Hour}}
}
