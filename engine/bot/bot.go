package bot

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"slices"
	"sync"
	"time"

	"rhea/engine/delivery"

	"rhea/engine/sign"

	"rhea/engine/identity"
	"rhea/engine/lookup"

	"github.com/nbd-wtf/go-nostr"

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
	Options
	runners []*runner
	sender  *delivery.Sender
	floods  *floods
	// versions are those of replaceable events that rules make.
	versions sign.Versions
	secrets  *engine.Redactor
	mutes    *lookup.Lists[muteList]
	follows  *lookup.Lists[map[string]bool]
	// crowds are how each identity copes with more strangers than it may answer, by its public key.
	crowds  map[string]*crowd
	optOuts turns
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
	e := &Bot{Options: o, secrets: o.Identities.Secrets()}
	work := make(map[string]engine.PoWBudget, len(o.Rules))
	for _, rule := range o.Rules {
		work[rule.Name] = rule.PoW
	}
	e.sender = delivery.New(delivery.Options{
		Ledger: o.Ledger, Publisher: o.Publisher, Source: o.Source, Signers: o.Identities, Work: work, Observer: o.Observer,
		Secrets: e.secrets, Log: o.Log,
	})
	e.floods = newFloods(e)
	var published []string
	for _, rule := range o.Rules {
		published = append(published, rule.Relays...)
	}
	e.mutes = lookup.NewLists(o.Source, published, kindMuteList, readMuteList)
	e.follows = lookup.NewLists(o.Source, published, nostr.KindFollowList, readFollows)
	e.crowds = make(map[string]*crowd)
	profiles := lookup.ShareProfiles(o.Source)
	for i := range o.Rules {
		r, err := newRunner(&o.Rules[i], e, profiles)
		if err != nil {
			return nil, fmt.Errorf("rule %s: %w", o.Rules[i].Name, err)
		}
		if !r.rule.Disabled {
			e.runners = append(e.runners, r)
		}
	}
	return e, nil
}

// Run runs all rules until ctx ends, or with Once until all triggers are through, and then goes on delivering
// what was committed for at most DrainFor; with Once, also what was due before. A trigger that fails is started again; it
// never stops the others. When Run has returned, nothing that it started asks the network any more.
func (e *Bot) Run(ctx context.Context) error {
	var tending sync.WaitGroup
	defer tending.Wait()
	ctx, join := lookup.Joined(ctx)
	defer join()
	if e.Once {
		if err := e.sender.Inherit(ctx); err != nil {
			return err
		}
	}
	// The outbox outlives ctx: it still has to deliver what the last signals made.
	drainCtx, stop := context.WithCancel(context.WithoutCancel(ctx))
	defer stop()
	drained := make(chan error, 1)
	go func() { drained <- e.sender.Run(drainCtx) }()

	tending.Go(func() { e.mutes.KeepFresh(ctx, e.addressed()) })
	tending.Go(func() { e.follows.KeepFresh(ctx, e.addressed()) })
	tending.Go(func() { e.tendCrowds(ctx) })

	for _, r := range e.runners {
		if err := r.line.load(ctx); err != nil && ctx.Err() == nil {
			e.Log.Error("what waits for a limit is not known", "rule", r.rule.Name, "error", err)
		}
		if err := r.silence.load(ctx, r.ledger, e.Clock.Now()); err != nil && ctx.Err() == nil {
			e.Log.Error("how long the rule has been silent is not known", "rule", r.rule.Name, "error", err)
		}
	}

	var triggers sync.WaitGroup
	failures := make(chan error, 1)
	var failed error
	collected := make(chan struct{})
	go func() {
		defer close(collected)
		for err := range failures {
			failed = errors.Join(failed, err)
		}
	}()
	for _, r := range e.runners {
		triggers.Go(func() { r.line.run(ctx) })
		for _, t := range r.triggers {
			triggers.Go(func() {
				if err := e.supervise(ctx, r, t); err != nil {
					failures <- fmt.Errorf("rule %s: trigger %s: %w", r.rule.Name, t.name, err)
				}
			})
		}
	}
	triggers.Wait()
	for _, r := range e.runners {
		if e.Once {
			r.line.last(ctx)
		}
		r.repeats.end()
	}
	close(failures)
	<-collected

	limit, cancel := context.WithTimeout(context.WithoutCancel(ctx), e.DrainFor)
	defer cancel()
	e.sender.Wait(limit)
	stop()
	return errors.Join(failed, <-drained)
}

// addressed returns the public keys of the identities that people speak to.
func (e *Bot) addressed() []string {
	var pubkeys []string
	for _, r := range e.runners {
		if slices.ContainsFunc(r.rule.Triggers, func(t engine.RuleTrigger) bool { return t.Kind.Addressed }) {
			pubkeys = append(pubkeys, r.identity.Signer.PublicKey())
		}
	}
	return pubkeys
}

// Backoff of a trigger that fails.
const (
	firstRestart = time.Second
	lastRestart  = 5 * time.Minute
)

// supervise keeps one trigger running until ctx ends. With Once it runs it once and returns its error.
func (e *Bot) supervise(ctx context.Context, r *runner, t boundTrigger) error {
	for wait := firstRestart; ; wait = min(2*wait, lastRestart) {
		t.trouble.begin()
		err := runTrigger(ctx, t.trigger, t.intake)
		switch {
		case ctx.Err() != nil:
			return nil
		case e.Once:
			return err
		case err == nil:
			err = errors.New("ended by itself")
		}
		if !t.trouble.failed(err) {
			wait = firstRestart
		}
		e.Log.Error("trigger failed", "rule", r.rule.Name, "trigger", t.name, "error", err, "again_in", wait)
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
