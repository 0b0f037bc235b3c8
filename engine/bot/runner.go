package bot

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync/atomic"

	"rhea/engine/lookup"

	"github.com/nbd-wtf/go-nostr"

	"rhea/engine"
)

// runner carries the signals of one rule through the corridor.
type runner struct {
	rule     *engine.Rule
	engine   *Bot
	identity engine.Identity
	ledger   engine.Ledger
	dry      bool
	triggers []boundTrigger
	// profiles are those of the authors that the triggers hear; nil when there is nobody to ask.
	profiles engine.Profiles
	// silence is how long the rule has not fired.
	silence *silence
	// failures are those of signals that strangers sent.
	failures failures
	// line holds what waits for a limit.
	line *line
	// Strangers choose some keys, so each kind of turn has names of its own.
	keys, limits, patience, cycles, groups turns

	slots chan struct{}
	// crowd is the one of the identity; seats are the slots that newcomers in it may take, and newcomersUntil is until when
	// they have used up their part of the rate, in nanoseconds since 1970.
	crowd          *crowd
	seats          chan struct{}
	newcomersUntil atomic.Int64
	// newcomersAway counts whom the rate has turned away until then.
	newcomersAway atomic.Int64
	log           *slog.Logger
	repeats       repeats
}

// boundTrigger is one trigger of the rule with its intake.
type boundTrigger struct {
	name    string
	trigger engine.Trigger
	intake  *intake
	trouble *trouble
}

func newRunner(rule *engine.Rule, e *Bot, profiles *lookup.SharedProfiles) (*runner, error) {
	r := &runner{
		rule: rule, engine: e, ledger: e.Ledger, dry: e.DryRun || rule.DryRun,
		slots: make(chan struct{}, max(rule.Concurrency, 1)), log: e.Log.With("rule", rule.Name),
	}
	r.line, r.silence = newLine(r), newSilence(rule, r.dry)
	r.seats = make(chan struct{}, max(cap(r.slots)-1, 1))
	var ok bool
	if r.identity, ok = e.Identities.Named(rule.Identity); !ok {
		return nil, fmt.Errorf("identity %q has no key", rule.Identity)
	}
	r.crowd = e.crowdOf(r.identity.Signer.PublicKey())
	for _, s := range rule.Steps {
		if _, ok := e.Identities.Named(s.Identity); s.Identity != "" && !ok {
			return nil, fmt.Errorf("identity %q has no key", s.Identity)
		}
	}
	if r.dry {
		if e.Overlay == nil {
			return nil, errors.New("a dry run needs a ledger to throw away")
		}
		r.ledger = e.Overlay()
	}
	streams := rule.Streams()
	var hears []string
	for _, t := range rule.Triggers {
		hears = append(hears, t.Relays...)
	}
	r.profiles = profiles.Of(hears)
	for i, t := range rule.Triggers {
		var ahead func(context.Context, *nostr.Event)
		if t.Kind.Addressed {
			ahead = r.ahead
		}
		trigger, err := t.Kind.Build(t.Config, engine.Setup{
			Rule: rule.Name, Stream: streams[i],
			Identity: rule.Identity, Pubkey: r.identity.Signer.PublicKey(), Own: e.Identities.Pubkeys(),
			Relays: t.Relays, MaxAge: rule.MaxAge, Reach: reach(rule), Concurrency: max(rule.Concurrency, 1),
			Source: e.Source, Profiles: r.profiles, Wrote: r.ledger.Event, Ahead: ahead, HTTP: e.HTTP, Turn: e.Turn, Dir: e.Dir, Once: e.Once,
			Now:   e.Clock.Now,
			Heard: func(e *nostr.Event) bool { return wordIn(e, rule.OptOut) != "" },
			Uses:  func(name string) bool { return rule.Uses[name] },
			Log:   r.log.With("trigger", t.Kind.Name),
		})
		if err != nil {
			return nil, fmt.Errorf("trigger %s: %w", t.Kind.Name, err)
		}
		r.triggers = append(r.triggers, boundTrigger{t.Kind.Name, trigger, &intake{r, t.Kind.Name}, new(trouble)})
	}
	return r, nil
}

// emit carries one signal through gates, actions and one commit.
func (r *runner) emit(ctx context.Context, trigger string, s engine.Signal) error {
	return r.carry(ctx, r.begin(ctx, trigger, s))
}

// begin is a signal before anything was asked.
func (r *runner) begin(ctx context.Context, trigger string, s engine.Signal) *trial {
	t := &trial{Signal: s, now: r.engine.Clock.Now()}
	t.decision = engine.Decision{At: t.now, Rule: r.rule.Name, Trigger: trigger, Key: s.Key, Relay: s.Relay}
	scope := engine.ScopeOf(s.Data)
	scope.Rule = engine.RuleInfo{Name: r.rule.Name}
	scope.Bot = r.bot(r.identity)
	scope.Now = t.now
	scope.Outputs = make(map[string]any)
	scope.ReadCycles(func(stream string) (string, error) { return r.ledger.Position(ctx, stream) })
	return t
}

// carry carries a signal on, from its beginning or from where it began to wait.
func (r *runner) carry(ctx context.Context, t *trial) error {
	scope := engine.ScopeOf(t.Data)
	if t.Event != nil {
		if reason := engine.Oversize(t.Event); reason != "" {
			t.turnDown("size", reason)
			return r.close(ctx, t)
		}
	}
	defer func() {
		for _, leave := range t.leave {
			leave()
		}
	}()
	if passed, err := r.crowdGate(ctx, t); !passed {
		if err != nil {
			return err
		}
		return r.close(ctx, t)
	}
	if namesBot(r.rule) {
		if err := r.identify(t); err != nil {
			return r.closeFault(ctx, t, err, "")
		}
	}
	if err := r.dedupeKey(ctx, t); err != nil {
		return r.closeFault(ctx, t, err, "dedupe: ")
	}
	if err := r.groupOf(ctx, t); err != nil {
		return r.closeFault(ctx, t, err, "concurrency.group: ")
	}
	scope.Identify(r.rule.Name, t.Key)
	if err := r.start(ctx, t); err != nil {
		return err
	}
	// One signal at a time: a second copy waits here and then finds the first one's claim.
	leave, err := r.keys.enter(ctx, t.Key)
	if err != nil {
		return err
	}
	t.leave = append(t.leave, leave)
	t.now = r.engine.Clock.Now() // It may have waited.
	scope.Now, t.decision.At = t.now, t.now
	passed, err := r.ask(ctx, t)
	if t.waited && (t.blocked != "" || t.held) {
		return err // It waits on.
	}
	if err == nil && (passed || t.steps != nil) {
		err = r.takeTurnAndAct(ctx, t)
	}
	if err != nil {
		return err
	}
	return r.close(ctx, t)
}

// closeFault ends a signal whose expressions, asked before any gate, got something wrong.
func (r *runner) closeFault(ctx context.Context, t *trial, err error, where string) error {
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if err := t.fault(engine.ConditionError, err, where); err != nil {
		return err
	}
	return r.close(ctx, t)
}

// dedupeKey replaces the trigger's key by the rule's own expression.
func (r *runner) dedupeKey(ctx context.Context, t *trial) error {
	if r.rule.Dedupe.IsZero() || t.waited {
		return nil
	}
	key, err := patiently(ctx, r, t, r.rule.Dedupe.Eval)
	if err != nil {
		return err
	}
	if key != "" {
		t.Key = engine.DedupeMark + key
		t.decision.Key = t.Key
	}
	return nil
}

func (r *runner) bot(id engine.Identity) engine.Bot {
	return engine.Bot{Pubkey: id.Signer.PublicKey(), Npub: id.Npub, Name: id.Name}
}
