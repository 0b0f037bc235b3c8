package bot

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/nbd-wtf/go-nostr"

	"rhea/engine"
	"rhea/engine/delivery"
	"rhea/engine/gate"
	"rhea/engine/lookup"
	"rhea/engine/pipeline"
	"rhea/engine/queue"
)

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
	b.shared = pipeline.Shared{
		Identities: o.Identities, Journal: b.journal(), Observer: o.Observer, Tracker: b.sender, Versions: &b.versions, Source: o.Source,
		RelayLists: o.RelayLists, HTTP: o.HTTP, Locks: &b.locks, Clock: o.Clock, Secrets: b.secrets,
	}
	for i := range o.Rules {
		r, err := b.newRule(&o.Rules[i])
		if err != nil {
			return nil, fmt.Errorf("rule %s: %w", o.Rules[i].Name, err)
		}
		if !o.Rules[i].Disabled {
			b.rules = append(b.rules, r)
		}
	}
	return b, nil
}

func (b *Bot) newRule(configured *engine.Rule) (*rule, error) {
	r := &rule{config: configured, ledger: b.opts.Ledger, dry: b.opts.DryRun || configured.DryRun, log: b.opts.Log.With("rule", configured.Name)}
	id, err := b.identitiesOf(configured)
	if err != nil {
		return nil, err
	}
	if r.dry {
		if b.opts.Overlay == nil {
			return nil, errors.New("a dry run needs a ledger to throw away")
		}
		r.ledger = b.opts.Overlay()
	}
	var hears []string
	for _, t := range configured.Triggers {
		hears = append(hears, t.Relays...)
	}
	profiles := b.profiles.Of(hears)
	waiters := queue.NewWaiters()
	gates := b.gates.Of(gate.RuleOptions{
		Rule: configured, Identity: id, Ledger: r.ledger, Dry: r.dry, Profiles: profiles, Places: waiters, Log: r.log,
	})
	r.pipeline = pipeline.New(pipeline.Options{
		Shared: &b.shared, Rule: configured, Identity: id, Gates: gates, Ledger: r.ledger, Dry: r.dry, Profiles: profiles, Again: r.again,
		Wait: func(key, mark, author string, free time.Time) { r.queue.Put(key, mark, author, free) }, Log: r.log,
	})
	r.queue = queue.New(queue.Options{
		Rule: configured.Name, Ledger: r.ledger, Owner: r.pipeline, Waiters: waiters, Clock: b.opts.Clock, Once: b.opts.Once, Log: r.log,
	})
	return r, r.bind(b, id, profiles, gates)
}

// identitiesOf returns the identity that a rule acts as. The keys of all whom it names must be there.
func (b *Bot) identitiesOf(configured *engine.Rule) (engine.Identity, error) {
	id, ok := b.opts.Identities.Named(configured.Identity)
	if !ok {
		return id, fmt.Errorf("identity %q has no key", configured.Identity)
	}
	for _, s := range configured.Steps {
		if _, ok := b.opts.Identities.Named(s.Identity); s.Identity != "" && !ok {
			return id, fmt.Errorf("identity %q has no key", s.Identity)
		}
	}
	return id, nil
}

// bind builds the triggers of the rule.
func (r *rule) bind(b *Bot, id engine.Identity, profiles engine.Profiles, gates *gate.Rule) error {
	streams := r.config.Streams()
	for i, t := range r.config.Triggers {
		var ahead func(context.Context, *nostr.Event)
		if t.Kind.Addressed {
			ahead = gates.Ahead
		}
		trigger, err := t.Kind.Build(t.Config, engine.Setup{
			Rule: r.config.Name, Stream: streams[i],
			Identity: r.config.Identity, Pubkey: id.Signer.PublicKey(), Own: b.opts.Identities.Pubkeys(),
			Relays: t.Relays, MaxAge: r.config.MaxAge, Reach: gate.Reach(r.config), Concurrency: max(r.config.Concurrency, 1),
			Source: b.opts.Source, Profiles: profiles, Wrote: r.ledger.Event, Ahead: ahead, HTTP: b.opts.HTTP, Turn: b.opts.Turn,
			Dir: b.opts.Dir, Once: b.opts.Once, Now: b.opts.Clock.Now,
			Heard:      func(e *nostr.Event) bool { return gate.WordIn(e, r.config.OptOut) != "" },
			Conditions: r.config.If,
			Uses:       func(name string) bool { return r.config.Uses[name] },
			Log:        r.log.With("trigger", t.Kind.Name),
		})
		if err != nil {
			return fmt.Errorf("trigger %s: %w", t.Kind.Name, err)
		}
		in := &intake{bot: b, rule: r, trigger: t.Kind.Name}
		r.triggers = append(r.triggers, boundTrigger{name: t.Kind.Name, trigger: trigger, intake: in, trouble: new(trouble)})
	}
	return nil
}
