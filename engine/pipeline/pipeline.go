package pipeline

import (
	"context"
	"log/slog"
	"net/http"
	"sync"
	"time"

	"rhea/engine"
	"rhea/engine/gate"
	"rhea/engine/sign"
)

// Options are what the pipeline of one rule needs. Profiles may be nil.
type Options struct {
	*Shared
	Rule     *engine.Rule
	Identity engine.Identity
	Gates    *gate.Rule
	// Ledger is the rule's: that of a dry run stores nothing.
	Ledger engine.Ledger
	// Dry rules do everything but store and publish.
	Dry bool
	// Profiles are those of the authors that the triggers hear.
	Profiles engine.Profiles
	// Again makes the signal once more of what was stored of it. A [*engine.Mismatch] says why that is impossible by now.
	Again func(ctx context.Context, key string, s engine.StoredSignal) (engine.Signal, error)
	// Wait puts a signal into the queue of the rule.
	Wait func(key, counter, author string, free time.Time)
	Log  *slog.Logger
}

// Shared is what the pipelines of all rules share. Journal, Observer, Source and RelayLists may be nil.
type Shared struct {
	// Identities knows the others that the steps of rules act as.
	Identities Identities
	Journal    engine.Journal
	Observer   engine.Observer
	// Tracker follows what is owed.
	Tracker Tracker
	// Versions dates the versions of an address.
	Versions   *sign.Versions
	Source     engine.Source
	RelayLists engine.RelayLists
	// HTTP returns the client for strangers' addresses.
	HTTP func(allowPrivate bool) *http.Client
	// Locks are those of the gates.
	Locks   *Locks
	Clock   engine.Clock
	Secrets *engine.Redactor
}

// Identities knows whom a rule may act as.
type Identities interface {
	// Named returns the identity that the configuration calls so.
	Named(name string) (engine.Identity, bool)
	// Own returns the public keys of the identities that are at hand.
	Own() []string
}

// Tracker listens to what is owed. It changes nothing.
type Tracker interface {
	// Owe notes deliveries that are about to be committed, and Forget takes that back.
	Owe(deliveries []engine.Delivery)
	Forget(deliveries ...engine.Delivery)
	// Told notes that the decision which made them was told: what became of them is told after it.
	Told(deliveries []engine.Delivery)
}

// Pipeline carries the signals of one rule through gates and actions to one commit.
type Pipeline struct {
	opts Options
	// silence is how long the rule has not fired.
	silence *silence
	// failures are those of signals that strangers sent.
	failures failures
	// Strangers choose some keys, so each kind of lock has names of its own.
	keys, groups, cycles keyLock
	repeats              repeats
	// slots hold a token for each signal that runs. They are made for the first one.
	once  sync.Once
	slots chan struct{}
}

// New returns the pipeline of a rule.
func New(o Options) *Pipeline {
	return &Pipeline{opts: o, silence: newSilence(o.Rule, o.Dry)}
}

// Load learns what an earlier run has left. It comes before any signal.
func (p *Pipeline) Load(ctx context.Context) error {
	return p.silence.load(ctx, p.opts.Ledger, p.opts.Clock.Now())
}

// End tells what of the log is still to be told.
func (p *Pipeline) End() { p.repeats.end() }

// Silent returns since when the rule has not fired, and whether that is longer than it is expected to.
func (p *Pipeline) Silent() (since time.Time, tooLong bool) {
	return p.silence.tooLong(p.opts.Clock.Now())
}
