package bot

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"sync"
	"time"

	"rhea/engine/delivery"
	"rhea/engine/gate"
	"rhea/engine/pipeline"

	"rhea/engine/sign"

	"rhea/engine/identity"
	"rhea/engine/lookup"

	"rhea/engine"
)

// Options are the parts an engine is made of. Rules, Identities, Ledger and Publisher are required.
type Options struct {
	Rules []engine.Rule
	// Identities are whom rules and steps may act as. Their keys are taken out of all that is published, stored and told.
	Identities *identity.Book
	// Ledger is closed by the caller, after Run.
	Ledger engine.Ledger
	// Overlay makes the throw-away ledger of a rule that runs dry: it reads through and stores nothing.
	Overlay func() engine.Ledger
	// Journal keeps the history of decisions; nil keeps none.
	Journal   engine.Journal
	Source    engine.Source
	Publisher engine.Publisher
	// RelayLists says where rules with Outbox publish; nil leaves it at their relays.
	RelayLists engine.RelayLists
	// HTTP returns the client for strangers' addresses; private networks only if allowed.
	HTTP func(allowPrivate bool) *http.Client
	// Turn waits until a stranger's host may be asked by a trigger, see [Setup]; nil never waits.
	Turn func(ctx context.Context, host string) (leave func(), err error)
	// Dir is where the relative paths of the configuration begin.
	Dir string
	// Clock is what signals are judged by; the zero value is the clock on the wall.
	Clock engine.Clock
	// DryRun makes every rule run dry.
	DryRun bool
	// Once makes Run end after one pass over what is due.
	Once bool
	// DrainFor is how long Run goes on delivering after its context has ended; 0 means 10 s.
	DrainFor time.Duration
	// Observer is told what happens as it happens; nil for nobody.
	Observer engine.Observer
	// Log gets a line per outcome; nil for none.
	Log *slog.Logger
}

// Bot runs rules.
type Bot struct {
	opts    Options
	rules   []*rule
	sender  *delivery.Sender
	gates   *gate.Gates
	secrets *engine.Redactor
	// locks, versions and profiles are shared by all rules.
	locks    pipeline.Locks
	versions sign.Versions
	profiles *lookup.SharedProfiles
}

// New checks that the parts fit together.
func New(o Options) (*Bot, error) {
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	o.Clock = o.Clock.OnWall()
	if o.DrainFor == 0 {
		o.DrainFor = 10 * time.Second
	}
	if o.Identities == nil || o.Ledger == nil || o.Publisher == nil {
		return nil, errors.New("bot: identities, a ledger and a publisher are required")
	}
	b := &Bot{opts: o, secrets: o.Identities.Secrets(), profiles: lookup.ShareProfiles(o.Source)}
	work := make(map[string]engine.PoWBudget, len(o.Rules))
	for _, rule := range o.Rules {
		work[rule.Name] = rule.PoW
	}
	b.sender = delivery.New(delivery.Options{
		Ledger: o.Ledger, Publisher: o.Publisher, Source: o.Source, Signers: o.Identities, Work: work, Observer: o.Observer,
		Secrets: b.secrets, Log: o.Log,
	})
	b.gates = gate.New(gate.Options{
		Rules: o.Rules, Identities: o.Identities, Ledger: o.Ledger, Source: o.Source, Clock: o.Clock, Log: o.Log,
	})
	for i := range o.Rules {
		r, err := b.newRule(&o.Rules[i])
		if err != nil {
			return nil, fmt.Errorf("rule %s: %w", o.Rules[i].Name, err)
		}
		if !r.Disabled {
			b.rules = append(b.rules, r)
		}
	}
	return b, nil
}

// journal is where decisions go; nil for nowhere.
func (b *Bot) journal() engine.Journal {
	if b.opts.DryRun {
		return nil
	}
	return b.opts.Journal
}

// Run runs all rules until ctx ends, or with Once until all triggers are through, and then goes on delivering
// what was committed for at most DrainFor; with Once, also what was due before. A trigger that fails is started again; it
// never stops the others. When Run has returned, nothing that it started asks the network any more.
func (b *Bot) Run(ctx context.Context) error {
	var tending sync.WaitGroup
	defer tending.Wait()
	ctx, join := lookup.Joined(ctx)
	defer join()
	if b.opts.Once {
		if err := b.sender.Inherit(ctx); err != nil {
			return err
		}
	}
	// Delivery outlives ctx: it still has to send what the last signals made.
	drainCtx, stop := context.WithCancel(context.WithoutCancel(ctx))
	defer stop()
	drained := make(chan error, 1)
	go func() { drained <- b.sender.Run(drainCtx) }()

	tending.Go(func() { b.gates.Tend(ctx) })
	for _, r := range b.rules {
		b.load(ctx, r)
	}
	failed := b.runTriggers(ctx)
	for _, r := range b.rules {
		if b.opts.Once {
			r.queue.Last(ctx)
		}
		r.pipeline.End()
	}
	limit, cancel := context.WithTimeout(context.WithoutCancel(ctx), b.opts.DrainFor)
	defer cancel()
	b.sender.Wait(limit)
	stop()
	return errors.Join(failed, <-drained)
}

// load learns what earlier runs of a rule have left.
func (b *Bot) load(ctx context.Context, r *rule) {
	if err := r.queue.Load(ctx); err != nil && ctx.Err() == nil {
		r.log.Error("what waits for a limit is not known", "error", err)
	}
	if err := r.pipeline.Load(ctx); err != nil && ctx.Err() == nil {
		r.log.Error("how long the rule has been silent is not known", "error", err)
	}
}

// runTriggers runs all triggers and queues until ctx ends, with Once until they are through, and returns their errors.
func (b *Bot) runTriggers(ctx context.Context) error {
	var running sync.WaitGroup
	var mu sync.Mutex
	var failed error
	for _, r := range b.rules {
		running.Go(func() { r.queue.Run(ctx) })
		for _, t := range r.triggers {
			running.Go(func() {
				if err := b.supervise(ctx, r, t); err != nil {
					mu.Lock()
					defer mu.Unlock()
					failed = errors.Join(failed, fmt.Errorf("rule %s: trigger %s: %w", r.Name, t.name, err))
				}
			})
		}
	}
	running.Wait()
	return failed
}

// Backoff of a trigger that fails.
const (
	firstRestart = time.Second
	lastRestart  = 5 * time.Minute
)

// supervise keeps one trigger running until ctx ends. With Once it runs it once and returns its error.
func (b *Bot) supervise(ctx context.Context, r *rule, t boundTrigger) error {
	for wait := firstRestart; ; wait = min(2*wait, lastRestart) {
		t.trouble.begin()
		err := runTrigger(ctx, t.trigger, t.intake)
		switch {
		case ctx.Err() != nil:
			return nil
		case b.opts.Once:
			return err
		case err == nil:
			err = errors.New("ended by itself")
		}
		if !t.trouble.failed(err) {
			wait = firstRestart
		}
		r.log.Error("trigger failed", "trigger", t.name, "error", err, "again_in", wait)
		select {
		case <-ctx.Done():
			return nil
		case <-time.After(wait):
		}
	}
}

// runTrigger turns a panic into an error: one bad trigger must not take the others down.
func runTrigger(ctx context.Context, t engine.Trigger, in engine.Intake) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("panicked: %v", p)
		}
	}()
	return t.Run(ctx, in)
}
