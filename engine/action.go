package engine

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"time"

	"github.com/nbd-wtf/go-nostr"
)

// Action builds what a rule answers with. It never signs or publishes: it returns drafts. It may be run again for
// the same signal if the first run did not reach the ledger, so a side effect should carry Run.IdempotencyKey.
type Action interface {
	Act(ctx context.Context, run Run) (Result, error)
}

// EventAction is an action that can tell, from its configuration, whether it has no meaning without an event.
type EventAction interface {
	Action
	NeedsEvent() bool
}

// Run is one action's view of the signal it answers.
type Run struct {
	// Rule and Step name the action: the rule's name and the action's id or place in the list.
	Rule, Step string
	// IdempotencyKey is the same whenever the same action runs for the same signal.
	IdempotencyKey string
	// Data is what the texts of the action are evaluated with.
	Data Data
	// Event is the event that caused the signal, verified; nil for feeds and schedules.
	Event *nostr.Event
	// Relay delivered Event.
	Relay string
	// Pubkey is the identity that will sign the drafts.
	Pubkey string
	// Own holds the public keys of all identities of the configuration.
	Own []string
	// Relays are where the drafts will be sent.
	Relays []string
	// Drafted holds the events that earlier actions of this run have made, signed.
	Drafted []nostr.Event
	// Latest returns the newest version of an [Address] that this state has made and remembers, whether a relay has it or
	// not. Nil, as a function too, means that none is known.
	Latest func(ctx context.Context, address string) (*nostr.Event, error)
	// Source looks up events on relays.
	Source Source
	// HTTP returns the client for strangers' addresses; private networks only if allowed.
	HTTP func(allowPrivate bool) *http.Client
	// DryRun forbids every effect outside this process.
	DryRun bool
	// Now is the time of the run.
	Now time.Time
	// Secrets takes keys out of what leaves this process by other ways than drafts; nil knows only what looks like one.
	Secrets *Redactor
	// Log is for a line that the operator asked for or must see.
	Log *slog.Logger
}

// Result is what an action made.
type Result struct {
	// Drafts are the events to sign and publish, in order.
	Drafts []Draft
	// Output is what later actions see as outputs.<id>; nil with drafts means the first event as
	// {id, pubkey, kind, created_at, content}.
	Output any
	// Note is a line for the history of this decision.
	Note string
}

// MaxEventBytes is the largest event we publish. Common relays refuse more than 64 KiB.
const MaxEventBytes = 64 << 10

// MaxKind is the largest kind that an event may have (NIP-01).
const MaxKind = 65535

// Draft is an event before its signature.
type Draft struct {
	Kind    int
	Content string
	Tags    nostr.Tags
	// CreatedAt is 0 for now.
	CreatedAt nostr.Timestamp
	// PoW is the difficulty to mine, in leading zero bits (NIP-13).
	PoW int
	// Relays replaces the rule's relays for this event; nil leaves them.
	Relays []string
}

// Temporary marks an error of an action that may pass: the action is tried again a few times.
func Temporary(err error) error { return &temporaryError{err} }

// IsTemporary reports whether an error is marked so.
func IsTemporary(err error) bool {
	_, marked := errors.AsType[*temporaryError](err)
	return marked
}

type temporaryError struct{ error }

func (t *temporaryError) Unwrap() error { return t.error }
