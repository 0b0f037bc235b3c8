package engine

import (
	"context"
	"time"

	"github.com/nbd-wtf/go-nostr"
)

// Ledger remembers what was dealt with, how far was read and what is still owed. All methods are safe for
// concurrent use. After Close, and after any crash, a new ledger on the same store knows every commit that
// returned nil.
//
// A ledger that cannot store says so where its operator looks, once for all rules: callers only try again.
type Ledger interface {
	Streams
	Claims
	Waits
	Owed
	// Close releases the store. Calls after it fail.
	Close() error
}

// Streams are how far everything was read.
type Streams interface {
	Positions
	// Advance stores a position. The first one of a stream is on disk when it returns, because without it nobody knows
	// that the stream was ever read; later ones may be lazy, and a lost one only means reading again.
	Advance(ctx context.Context, p Position) error
	// Positions returns the positions of all streams whose names begin with prefix.
	Positions(ctx context.Context, prefix string) (map[string]string, error)
}

// Claims are what was dealt with.
type Claims interface {
	// Seen reports whether (rule, key) was claimed. A hint: only Commit decides.
	Seen(ctx context.Context, rule, key string) (bool, error)
	// Counted returns when entries with a counter were committed, after a time, oldest first.
	Counted(ctx context.Context, counter string, after time.Time) ([]time.Time, error)
	// Commit claims (e.Rule, e.Key) and stores position, deliveries and decision with it, all or nothing, on
	// disk when it returns. False means that somebody had claimed it before and nothing was stored.
	Commit(ctx context.Context, e Entry) (fresh bool, err error)
}

// Waits are signals that wait for a limit of their rule. They are claimed, and stored with their claim.
type Waits interface {
	// Waiting returns up to n signals that wait for a rule, or for any with "", in the order of their commits, behind a
	// number. What has waited for more than [MaxWait] is taken out after a while, with a decision that says so.
	Waiting(ctx context.Context, rule string, behind int64, n int) ([]Waiting, error)
}

// Waiting is a signal that waits.
type Waiting struct {
	// Number is the ledger's own; it rises with the commits.
	Number int64
	// Rule and Key are what is claimed.
	Rule, Key string
	// Signal is the form in which the engine stored it.
	Signal string
}

// Owed is what relays have yet to be told.
type Owed interface {
	// Drain hands every due delivery to deliver until ctx ends and returns when no call is under way. Deliveries to
	// one relay are handed out in the order of their commits, save that one waiting for a later time lets others pass;
	// relays run side by side. The next one follows when the call has returned, or has called sent, and then no more
	// than [MaxInFlight] are under way: after whatever was not accepted one, and more with every row of prompt answers.
	// One that is related to one under way waits for it. What deliver returns is stored as [Settlement] says. A relay
	// named on wake, which may be nil, rests no longer.
	Drain(ctx context.Context, wake <-chan string, deliver Deliver) error
	// DueBy returns up to n deliveries that are due at a time, in the order of their commits.
	DueBy(ctx context.Context, at time.Time, n int) ([]Debt, error)
	// Progress returns what became of d's event at each relay it was or is owed to. The ledger that handed d out knows.
	Progress(ctx context.Context, d Delivery) ([]Delivery, error)
	// Latest returns the version of an [Address] that relays would keep, of those that a relay has accepted or is still
	// owed; with "" for the relay, of all that were committed and are remembered. Nil means that there is none.
	Latest(ctx context.Context, address, relay string) (*nostr.Event, error)
	// Event returns the event with an id that was committed and is remembered; nil means that there is none.
	Event(ctx context.Context, id string) (*nostr.Event, error)
	// Replace puts another event in the place of d's wherever that is still owed, with a decision that tells of it,
	// all or nothing, on disk when it returns. Unless it was replaced, nothing was changed.
	Replace(ctx context.Context, d Delivery, with nostr.Event, why Decision) (Replacement, error)
}

// Deliver hands one delivery to its relay and returns what became of it. It may call sent when the event has left, so that
// the next one may follow and arrives after it; only the first call counts.
type Deliver = func(ctx context.Context, d Delivery, sent func()) Settlement

// MaxInFlight is how many deliveries to one relay may be without an answer.
const MaxInFlight = 16

// Replacement is what became of a wish to replace an event.
type Replacement int

// The answers of [Owed.Replace].
const (
	// Kept: some relay has accepted the event, or it was replaced before.
	Kept Replacement = iota
	// Gone: the delivery was given up meanwhile, and nothing may be sent.
	Gone
	// Replaced: the other event is owed now.
	Replaced
)

// Debt names a delivery: the ledger's number of its event, and its relay.
type Debt struct {
	Number int64
	Relay  string
}

// Journal keeps the history of decisions, capped by size and age.
type Journal interface {
	// Record adds a decision. It may be lazy; the newest decisions may be lost in a crash.
	Record(ctx context.Context, d Decision) error
	// History returns decisions, newest first.
	History(ctx context.Context, q HistoryQuery) ([]Decision, error)
}

// CounterAge is how long a ledger keeps the counters of an entry. A limit that looks back further counts what is left.
const CounterAge = 90 * 24 * time.Hour

// Entry is one claim with all that depends on it.
type Entry struct {
	// Rule and Key are what is claimed.
	Rule, Key string
	// Keep is how long the claim must be remembered; 0 means for ever.
	Keep time.Duration
	// Wait, when set, is stored as what waits under the claim: JSON whose member at is when it began to wait (RFC 3339).
	Wait string
	// Waited says that the claim was taken when the signal began to wait: it is fresh while that waits, and ends it.
	Waited bool
	// Again says that the claim was taken when the signal failed: it is fresh while the claim stands, nothing waits under
	// it, and the stream of Position, which keeps what failed, still holds something.
	Again bool
	// Counters are what limits count: names under which the entry can be found by its time, once for each time a name
	// is listed.
	Counters []string
	// Position, when set, is stored too.
	Position *Position
	// Drawn are further positions to store: how far the rule's cycles have come, and derived identities.
	Drawn []Position
	// Deliveries are what is owed from now on.
	Deliveries []Delivery
	// Decision goes into the history.
	Decision Decision
}

// Delivery is one event owed to one relay.
type Delivery struct {
	// Rule made the event.
	Rule string
	// Event is signed. Its bytes change only by [Owed.Replace], before any relay has them.
	Event nostr.Event
	// Number is the ledger's own for the event; the ledger fills it.
	Number int64
	// Fixed says that another event names this one's id, so that nothing may take its place.
	Fixed bool
	// Relay is the normalised address.
	Relay string
	// Retry is how to go on after a failure.
	Retry Retry
	// Quorum is how many relays must accept for the event to count as delivered.
	Quorum int
	// Committed is when the delivery became owed.
	Committed time.Time
	// State, Attempts and Reason tell what has happened so far; the ledger fills them.
	State    DeliveryState
	Attempts int
	Reason   string
}

// Retry is the backoff of deliveries.
type Retry struct {
	Initial    time.Duration
	Max        time.Duration
	MaxElapsed time.Duration
}

// Settlement is what became of one try to deliver.
type Settlement struct {
	// State is Accepted, Rejected, Retrying, GivenUp, or Pending for a try that did not count: the relay was not
	// asked. Without Next and Rest such a relay rests for a second.
	State DeliveryState
	// Next is when to try again, for Retrying, and for Pending when others shall pass meanwhile.
	Next time.Time
	// Rest, when set, is until when nothing more is handed out for this relay.
	Rest time.Time
	// Reason is the relay's answer or the fault.
	Reason string
}

// Decision is the record of one candidate: which gate said what, and what came of it.
type Decision struct {
	At   time.Time `json:"at"`
	Rule string    `json:"rule"`
	// Trigger is the kind of trigger that emitted the signal.
	Trigger string  `json:"trigger,omitempty"`
	Key     string  `json:"key"`
	Outcome Outcome `json:"outcome"`
	// Reason says why in words, empty when the outcome says it all.
	Reason string `json:"reason,omitempty"`
	// Relay delivered the event that was decided on.
	Relay string `json:"relay,omitempty"`
	// Gates are the verdicts in the order in which they were asked.
	Gates []Verdict `json:"gates,omitempty"`
	// Published holds the ids of the events that were made.
	Published []string `json:"published,omitempty"`
	// About is what was decided on, nil when there is nothing to tell.
	About *Subject `json:"about,omitempty"`
}

// Subject is what a decision is about, in words for people. What is not known is left out.
type Subject struct {
	// Author is the public key of who wrote the event, "" for feeds and schedules, and Name what they call themselves.
	Author string `json:"author,omitempty"`
	Name   string `json:"name,omitempty"`
	// Words are the first of what the event or item says, without secret keys.
	Words string `json:"words,omitempty"`
}

// Verdict is what one gate said.
type Verdict struct {
	Gate   string `json:"gate"`
	Pass   bool   `json:"pass"`
	Detail string `json:"detail,omitempty"`
}

// Observer sees every decision with the events it made, and every try to deliver one. Its methods are called from
// many goroutines and must return soon.
type Observer interface {
	Decided(d Decision, events []nostr.Event)
	Settled(d Delivery, s Settlement)
}

// HistoryQuery selects decisions. Zero fields select everything.
type HistoryQuery struct {
	Rule    string
	Outcome Outcome
	Since   time.Time
	// Event is the id, or how it begins, of an event that was decided on or made.
	Event string
	// Limit is the largest number of decisions; 0 means 100.
	Limit int
}
