package bot

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"time"

	"github.com/nbd-wtf/go-nostr"

	"rhea/engine"
	"rhea/engine/gate"
	"rhea/engine/pipeline"
	"rhea/engine/queue"
)

// rule is one rule that runs: its triggers, its pipeline and its queue.
type rule struct {
	*engine.Rule
	ledger   engine.Ledger
	dry      bool
	pipeline *pipeline.Pipeline
	queue    *queue.Queue
	triggers []boundTrigger
	log      *slog.Logger
}

// boundTrigger is one trigger of a rule with its intake.
type boundTrigger struct {
	name    string
	trigger engine.Trigger
	intake  *intake
	trouble *trouble
}

func (b *Bot) newRule(configured *engine.Rule) (*rule, error) {
	r := &rule{Rule: configured, ledger: b.opts.Ledger, dry: b.opts.DryRun || configured.DryRun, log: b.opts.Log.With("rule", configured.Name)}
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
		Rule: configured, Identity: id, Identities: b.opts.Identities, Gates: gates, Ledger: r.ledger, Dry: r.dry,
		Journal: b.journal(), Observer: b.opts.Observer, Tracker: b.sender, Versions: &b.versions, Source: b.opts.Source,
		RelayLists: b.opts.RelayLists, HTTP: b.opts.HTTP, Locks: &b.locks, Again: r.again,
		Wait:  func(key, mark, author string, free time.Time) { r.queue.Put(key, mark, author, free) },
		Clock: b.opts.Clock, Secrets: b.secrets, Log: r.log,
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
	streams := r.Streams()
	for i, t := range r.Triggers {
		var ahead func(context.Context, *nostr.Event)
		if t.Kind.Addressed {
			ahead = gates.Ahead
		}
		trigger, err := t.Kind.Build(t.Config, engine.Setup{
			Rule: r.Name, Stream: streams[i],
			Identity: r.Identity, Pubkey: id.Signer.PublicKey(), Own: b.opts.Identities.Pubkeys(),
			Relays: t.Relays, MaxAge: r.MaxAge, Reach: gate.Reach(r.Rule), Concurrency: max(r.Concurrency, 1),
			Source: b.opts.Source, Profiles: profiles, Wrote: r.ledger.Event, Ahead: ahead, HTTP: b.opts.HTTP, Turn: b.opts.Turn,
			Dir: b.opts.Dir, Once: b.opts.Once, Now: b.opts.Clock.Now,
			Heard: func(e *nostr.Event) bool { return gate.WordIn(e, r.OptOut) != "" },
			Uses:  func(name string) bool { return r.Uses[name] },
			Log:   r.log.With("trigger", t.Kind.Name),
		})
		if err != nil {
			return fmt.Errorf("trigger %s: %w", t.Kind.Name, err)
		}
		in := &intake{rule: r, bot: b, trigger: t.Kind.Name}
		r.triggers = append(r.triggers, boundTrigger{t.Kind.Name, trigger, in, new(trouble)})
	}
	return nil
}

// again makes a signal of what waited. A [*engine.Mismatch] says why its trigger does not: the configuration has changed.
func (r *rule) again(ctx context.Context, key string, w engine.StoredSignal) (engine.Signal, error) {
	reason := "the rule has no trigger " + w.Trigger
	for i, t := range r.triggers {
		if t.name != w.Trigger {
			continue
		}
		data, err := r.Triggers[i].Kind.ReadData(w.Data)
		if err != nil {
			return engine.Signal{}, &engine.Mismatch{Reason: "its data cannot be read: " + err.Error()}
		}
		s := engine.Sample{Time: w.Time, Now: w.At, Key: key, Data: data}
		if w.Event != nil {
			s.Received = &engine.Received{Event: w.Event, Relay: w.Relay}
		}
		signals, err := sample(ctx, t.trigger, s)
		if m, ok := errors.AsType[*engine.Mismatch](err); ok || err == nil && len(signals) == 0 {
			if ok {
				reason = m.Reason
			}
			continue
		}
		if err != nil {
			return engine.Signal{}, fmt.Errorf("trigger %s: %w", t.name, err)
		}
		found := signals[0]
		found.Key, found.Time, found.Group, found.Thread = key, w.Time, w.Group, w.Thread
		found.Event, found.Relay, found.Verify = w.Event, w.Relay, nil // It was verified before it began to wait.
		return found, nil
	}
	return engine.Signal{}, &engine.Mismatch{Reason: strings.TrimSpace(reason)}
}
