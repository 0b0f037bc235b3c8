package engine

import (
	"context"
	"log/slog"
	"net/http"
	"time"

	"github.com/nbd-wtf/go-nostr"
)

// Trigger notices what happens and emits signals. Run blocks until ctx ends and then returns nil. An error means
// that the trigger cannot go on; the engine reports it and starts the trigger again later. A trigger never signs,
// publishes or writes to the ledger.
type Trigger interface {
	Run(ctx context.Context, in Intake) error
}

// Listener is a [Trigger] that needs no goroutine while nothing happens, such as one that only waits for a [Source]. The
// engine calls Listen in the place of Run, save for a single pass ([Setup.Once]).
type Listener interface {
	Trigger
	// Listen is Run that returns when the trigger listens, with an error when it cannot. It goes on until ctx ends; wait
	// blocks until then, and until all is over.
	Listen(ctx context.Context, in Intake) (wait func(), err error)
}

// Intake is where a trigger hands in its signals. All methods are safe for concurrent use.
type Intake interface {
	// Position returns where to resume a stream, "" when it was never read.
	Position(ctx context.Context, stream string) (string, error)
	// Advance stores how far a stream was read. It may be lazy: losing it means reading again.
	Advance(ctx context.Context, p Position) error
	// Seen reports whether the key was already dealt with. It is a cheap hint; Emit decides.
	Seen(ctx context.Context, key string) (bool, error)
	// Emit carries the signal through the rule and returns when it is safe to move on. An error means that
	// nothing was stored and the same signal must be emitted again.
	Emit(ctx context.Context, s Signal) error
	// Report adds to the history what the operator must know and no signal tells, such as a feed that is held back.
	Report(ctx context.Context, outcome Outcome, key, reason string) error
	Failures
}

// Failures are the signals of a trigger that failed before the conditions or actions of its rule were changed.
type Failures interface {
	// Failed calls each for every one of them, the oldest first. A kind that asks is marked as [TriggerKind.Rerunning].
	Failed(ctx context.Context, each func(key string, d Data)) error
	// Rerun has one of them run once more as if it were new; not when it has run again meanwhile. An error means that
	// nothing was stored.
	Rerun(ctx context.Context, key string) error
}

// Setup is what a trigger is built with. While a configuration is only checked, everything but Rule is empty; Log is
// there always.
type Setup struct {
	// Rule is the name of the rule.
	Rule string
	// Stream is a name for the trigger's positions, unique in the state and stable over edits of the rule.
	Stream string
	// Identity is the name and Pubkey the public key of the identity that the rule acts as.
	Identity, Pubkey string
	// Own holds the public keys of all identities of the configuration.
	Own []string
	// Relays are the addresses the trigger listens to.
	Relays []string
	// MaxAge is how old a signal may be for the rule; 0 means any age.
	MaxAge time.Duration
	// Reach is how far back to read after a pause: MaxAge, or further for what Heard reports. 0 means as far as the
	// position.
	Reach time.Duration
	// Heard reports whether the engine hears an event that speaks to the identity whatever its age; nil means no.
	Heard func(e *nostr.Event) bool
	// Concurrency is how many signals of different groups may be emitted side by side.
	Concurrency int
	// Source reads from relays.
	Source Source
	// Profiles knows what authors say of themselves; all rules with the same relays share it.
	Profiles Profiles
	// Wrote returns the event with an id when an identity of the state has made it, also when no relay has it any more.
	// Nil, as a function too, means that this is not known.
	Wrote func(ctx context.Context, id string) (*nostr.Event, error)
	// Ahead is told of events that will be emitted when others are through; nil when nothing could be done meanwhile.
	Ahead func(ctx context.Context, e *nostr.Event)
	// HTTP returns the client for strangers' addresses; private networks only if allowed.
	HTTP func(allowPrivate bool) *http.Client
	// Turn waits until a host may be asked, so that all triggers together are polite to it; the caller calls leave
	// when it is through with the answer. Nil means there is nobody to wait for.
	Turn func(ctx context.Context, host string) (leave func(), err error)
	// Dir is where the relative paths of the configuration begin.
	Dir string
	// Now is the time that signals are judged by.
	Now func() time.Time
	// Conditions are those of the rule: a signal for which one is false fires nothing.
	Conditions []Condition
	// Uses reports whether an expression of the rule names a variable, such as "author.name".
	Uses func(name string) bool
	// Once asks for one pass over what is due, after which Run returns nil.
	Once bool
	// Log is for the trigger's own troubles; outcomes are logged by the engine.
	Log *slog.Logger
}
