package pipeline

import (
	"context"
	"log/slog"
	"net/http"
	"time"

	"github.com/nbd-wtf/go-nostr"

	"rhea/engine"
	"rhea/engine/gate"
	"rhea/engine/sign"
)

// Options are what the pipeline of one rule needs. Journal, Observer, Source and RelayLists may be nil.
type Options struct {
	Rule     *engine.Rule
	Identity engine.Identity
	// Identities knows the others that the rule's steps act as.
	Identities Identities
	Gates      *gate.Rule
	// Ledger is the rule's: that of a dry run stores nothing.
	Ledger engine.Ledger
	// Dry rules do everything but store and publish.
	Dry      bool
	Journal  engine.Journal
	Observer engine.Observer
	// Tracker follows what is owed.
	Tracker Tracker
	// Versions dates the versions of an address, of all rules.
	Versions   *sign.Versions
	Source     engine.Source
	RelayLists engine.RelayLists
	// HTTP returns the client for strangers' addresses.
	HTTP func(allowPrivate bool) *http.Client
	// Locks are those of the gates of all rules.
	Locks *Locks
	// Again makes the signal once more of what was stored of it. A [*engine.Mismatch] says why that is impossible by now.
	Again func(ctx context.Context, key string, s engine.StoredSignal) (engine.Signal, error)
	// Wait puts a signal into the queue of the rule.
	Wait    func(key, mark, author string, free time.Time)
	Clock   engine.Clock
	Secrets *engine.Redactor
	Log     *slog.Logger
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
	slots                chan struct{}
	repeats              repeats
}

// New returns the pipeline of a rule.
func New(o Options) *Pipeline {
	return &Pipeline{opts: o, silence: newSilence(o.Rule, o.Dry), slots: make(chan struct{}, max(o.Rule.Concurrency, 1))}
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

// Emit carries one signal to its commit. An error means that nothing was stored, and that the signal must be emitted again.
func (p *Pipeline) Emit(ctx context.Context, trigger string, s engine.Signal) error {
	return p.carry(ctx, p.begin(ctx, trigger, s))
}

// carry carries a signal on, from its beginning or from where it began to wait.
func (p *Pipeline) carry(ctx context.Context, a *attempt) error {
	defer func() { a.end() }()
	err := p.judge(ctx, a)
	if err != nil || a.waitsOn() {
		return err
	}
	return p.commit(ctx, a)
}

// judge asks the gates and runs the actions.
func (p *Pipeline) judge(ctx context.Context, a *attempt) error {
	if err := p.ask(ctx, a, p.opts.Gates.Door()); err != nil || a.stopped() {
		return err
	}
	if err := p.name(ctx, a); err != nil || a.stopped() {
		return err
	}
	if err := p.enter(ctx, a); err != nil {
		return err
	}
	if err := p.ask(ctx, a, p.opts.Gates.Inside(&a.Candidate)); err != nil || a.stopped() && a.reply == nil {
		return err
	}
	if err := p.act(ctx, a); err != nil || a.waitsOn() {
		return err
	}
	return p.reserve(ctx, a)
}

// name gives the signal what the rule's own expressions say of it: whom it is answered as, its key, its group.
func (p *Pipeline) name(ctx context.Context, a *attempt) error {
	rule := p.opts.Rule
	if namesBot(rule) {
		id, path, err := p.opts.Gates.Actor(&a.Signal)
		if err != nil {
			return p.misnamed(ctx, a, err, "")
		}
		a.actAs(id, path)
	}
	if !rule.Dedupe.IsZero() && !a.Queued {
		key, err := gate.Patiently(ctx, p.opts.Clock, &a.Signal, rule.Dedupe.Eval)
		if err != nil {
			return p.misnamed(ctx, a, err, "dedupe: ")
		}
		if key != "" {
			a.Key = engine.DedupeMark + key
			a.decision.Key = a.Key
		}
	}
	if !rule.Group.IsZero() {
		group, err := gate.Patiently(ctx, p.opts.Clock, &a.Signal, rule.Group.Eval)
		if err != nil {
			return p.misnamed(ctx, a, err, "concurrency.group: ")
		}
		a.Group = group
	}
	engine.ScopeOf(a.Data).Identify(rule.Name, a.Key)
	return nil
}

// misnamed ends a signal whose expressions, asked before any gate inside, got something wrong.
func (p *Pipeline) misnamed(ctx context.Context, a *attempt, err error, where string) error {
	if ctx.Err() != nil {
		return ctx.Err()
	}
	return a.fault(engine.ConditionError, err, where)
}

// enter waits for the signal's turn: signals of one group run in the order in which they came, no more than the rule's
// concurrency run at once, and one at a time of the same key: a second copy then finds the first one's claim. What waits
// here is not stored: after a restart its trigger emits it again.
func (p *Pipeline) enter(ctx context.Context, a *attempt) error {
	if a.Group != "" {
		if err := a.take(ctx, &p.groups, a.Group); err != nil {
			return err
		}
	}
	select {
	case p.slots <- struct{}{}:
		a.leave = append(a.leave, func() { <-p.slots })
	case <-ctx.Done():
		return ctx.Err()
	}
	if err := a.take(ctx, &p.keys, a.Key); err != nil {
		return err
	}
	a.at(p.opts.Clock.Now()) // It may have waited.
	return nil
}

// ask sends the signal through gates until one stops it.
func (p *Pipeline) ask(ctx context.Context, a *attempt, gates []gate.Gate) error {
	for _, g := range gates {
		for _, key := range sorted(g.Locks(&a.Candidate)) {
			if err := a.take(ctx, &p.opts.Locks.keys, key); err != nil {
				return err
			}
		}
		v, err := g.Check(ctx, &a.Candidate)
		if err != nil {
			return err
		}
		if err := p.apply(ctx, a, g.Name(), v); err != nil || a.stopped() {
			return err
		}
	}
	return nil
}

// reserve asks the budgets for what the actions have made.
func (p *Pipeline) reserve(ctx context.Context, a *attempt) error {
	if o := a.decision.Outcome; o != engine.Fired && o != engine.DryRun || len(a.events) == 0 {
		return nil
	}
	r, err := p.opts.Gates.Reserve(ctx, &a.Candidate, a.events, a.reply != nil)
	if err != nil {
		return err
	}
	a.reserved = r.Done
	if r.Verdict.Outcome == gate.Pass {
		a.count(r.Verdict.Count)
		return nil
	}
	if r.Gate == "flood" && a.reply != nil {
		r.Verdict.Reason = a.decision.Reason + "; " + r.Verdict.Reason
	}
	return p.apply(ctx, a, r.Gate, r.Verdict)
}

// date makes a version of a replaceable event newer than the one before it.
func (p *Pipeline) date(ctx context.Context, e *nostr.Event) error {
	if p.opts.Dry {
		return nil
	}
	return p.opts.Versions.Date(ctx, p.opts.Ledger, e)
}
