package engine

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"sync/atomic"
	"time"

	"github.com/nbd-wtf/go-nostr"
)

// Signal says that something happened that a rule may want to answer.
type Signal struct {
	// Key identifies what happened within its rule, for ever: an event id, a feed item's identity, a planned
	// time. The same key is acted on once.
	Key string
	// Time is when it happened: created_at, the planned time. The age gate measures from here.
	Time time.Time
	// Group names signals that must run one after the other, such as all events of one author.
	Group string
	// Data is what the rule's expressions may see.
	Data Data
	// Event is the event that caused the signal; nil for feeds and schedules.
	Event *nostr.Event
	// Relay is the address of the relay that delivered Event.
	Relay string
	// Thread is the id of the event that began the conversation; "" for feeds and schedules.
	Thread string
	// Verify checks the signature of Event. It may be called several times and is expensive once at most.
	// Nil means the source needs no proof.
	Verify func() error
	// Prepare fetches what is costly and only some rules name (an author's profile). It runs after the cheap
	// gates and before the condition, and leaves absent what it cannot get.
	Prepare func(ctx context.Context)
	// Direct says that the event speaks to the identity itself.
	Direct bool
	// Planned says that the operator chose the time: saying the same again, or much at once, is meant.
	Planned bool
	// Backlog marks what was there before the rule first ran and is not wanted. It is remembered, not acted on.
	Backlog bool
	// Keep is how long the claim on the signal must be remembered; 0 leaves it to the rule. A trigger sets it whose
	// position tells what was dealt with before.
	Keep time.Duration
	// Position, when set, is stored in the same commit as the claim.
	Position *Position
	// Mismatch is why the trigger passes by what spoke to the identity: it is told in the history and goes no further.
	Mismatch string
}

// DedupeMark begins the keys that the dedupe expressions of rules make.
const DedupeMark = "dedupe:"

// Position is how far a trigger has read one stream. Value is the trigger's own text.
type Position struct {
	Stream string
	Value  string
	// Keep is how long it must be remembered from when it was stored; 0 means for ever. What strangers can make many of
	// has an end.
	Keep time.Duration
}

// Data is the shape that expressions may see. A trigger's data type embeds [Scope] and adds fields with an `expr`
// tag; its methods are visible in snake case, those without parameters as properties.
type Data interface{ scope() *Scope }

// Scope is what every expression may see, whatever its trigger. The corridor fills it.
type Scope struct {
	// Rule is the rule that is running.
	Rule RuleInfo `expr:"rule" json:"-"`
	// Bot is the identity that the rule acts as.
	Bot Bot `expr:"bot" json:"-"`
	// Now is the time at which the rule was tried.
	Now time.Time `expr:"now" json:"-"`
	// Outputs holds what earlier actions of this run returned, by action id.
	Outputs map[string]any `expr:"outputs" json:"-"`

	key      string
	steps    int
	made     int
	mentions []string
	stopped  *atomic.Bool
	// position reads how far a stream was read, drawn is what the run takes from its cycles.
	position func(stream string) (string, error)
	drawn    []Position
}

// RuleInfo is the running rule as expressions see it.
type RuleInfo struct {
	// Name is the rule's name.
	Name string `expr:"name"`
}

// Bot is the acting identity as expressions see it.
type Bot struct {
	// Pubkey is the public key, 64 hex characters.
	Pubkey string `expr:"pubkey"`
	// Npub is the public key as people write it (NIP-19).
	Npub string `expr:"npub"`
	// Name is the identity's name in the configuration.
	Name string `expr:"name"`
}

func (s *Scope) scope() *Scope { return s }

// ScopeOf returns the scope embedded in d.
func ScopeOf(d Data) *Scope { return d.scope() }

// Identify names the run by its rule and its signal's key.
func (s *Scope) Identify(rule, key string) { s.key = rule + "\x00" + key }

// SignalKey identifies the run, so that a random choice can be the same if the same signal runs again.
func (s *Scope) SignalKey() string { return s.key }

// Mention records that a text refers to a person, so that the drafts of the running action get a p tag for them.
func (s *Scope) Mention(pubkey string) { s.mentions = append(s.mentions, pubkey) }

// Mentions returns whom the texts have referred to since [Scope.ForgetMentions].
func (s *Scope) Mentions() []string { return s.mentions }

// ForgetMentions begins anew: the next texts are those of another draft.
func (s *Scope) ForgetMentions() { s.mentions = nil }

// MaxSteps is how many turns the loops of one expression may take together.
const MaxSteps = 100_000

// Step counts one turn of a loop in an expression. It fails when the budget of the evaluation is spent.
func (s *Scope) Step() error {
	s.steps++
	if s.steps > MaxSteps {
		return fmt.Errorf("the loops took more than %d steps", MaxSteps)
	}
	if s.stopped != nil && s.stopped.Load() {
		return errors.New("stopped")
	}
	return nil
}

// Steps returns in which turn of its loops an evaluation is, 0 outside of them.
func (s *Scope) Steps() int { return s.steps }

// MaxMade is how many bytes of text one expression may make, those that it drops included.
const MaxMade = 8 << 20

// Make counts bytes of text that an expression has made. It fails when the budget of the evaluation is spent.
func (s *Scope) Make(bytes int) error {
	s.made += bytes
	if s.made > MaxMade {
		return fmt.Errorf("the texts made on the way are larger than %d MiB", MaxMade>>20)
	}
	return nil
}

// StartSteps gives the next evaluation a full budget.
func (s *Scope) StartSteps() { s.steps, s.made = 0, 0 }

// Fork is called on the scope of copied data: from now on it shares nothing that changes with the original, so that
// an evaluation that had to be abandoned can disturb nobody. Stop ends the loops of that evaluation.
func (s *Scope) Fork() (stop func()) {
	s.Outputs = maps.Clone(s.Outputs)
	s.mentions, s.drawn = nil, nil
	s.StartSteps()
	s.stopped = new(atomic.Bool)
	return func() { s.stopped.Store(true) }
}

// Join takes over what an evaluation on a fork has recorded.
func (s *Scope) Join(fork *Scope) {
	s.mentions = append(s.mentions, fork.mentions...)
	s.drawn = append(s.drawn, fork.drawn...)
}

// Drawn returns how far a cycle of the rule has come, "" at its beginning.
func (s *Scope) Drawn(cycle string) (string, error) {
	if s.position == nil {
		return "", nil
	}
	return s.position(s.cycleStream(cycle))
}

// ReadCycles has [Scope.Drawn] look up positions with read.
func (s *Scope) ReadCycles(read func(stream string) (string, error)) { s.position = read }

// Draw notes how far a cycle will have come when this run is stored. A run that is not stored has drawn nothing.
func (s *Scope) Draw(cycle, value string) {
	s.drawn = append(s.drawn, Position{Stream: s.cycleStream(cycle), Value: value})
}

// Cycles returns how far the run has taken its cycles.
func (s *Scope) Cycles() []Position { return s.drawn }

// Undraw forgets all but the first n of [Scope.Cycles]: the action that drew the others has failed.
func (s *Scope) Undraw(n int) { s.drawn = s.drawn[:n] }

func (s *Scope) cycleStream(cycle string) string { return s.Rule.Name + "/cycle/" + cycle }
