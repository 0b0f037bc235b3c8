package bot

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"rhea/engine/sign"

	"github.com/nbd-wtf/go-nostr"

	"rhea/engine"
)

// Tries of an action whose error may pass.
const (
	actionTries = 3
	actionPause = 2 * time.Second
)

// act runs the rule's actions in order and collects what they owe. The error is ours (shutdown); what an action
// gets wrong is an outcome.
func (r *runner) act(ctx context.Context, t *trial) error {
	outcome := engine.Fired
	if r.dry {
		outcome = engine.DryRun
	}
	var failures error
	steps := r.rule.Steps
	if t.steps != nil {
		steps = t.steps
	}
	for i := range steps {
		step := &steps[i]
		drawn := len(engine.ScopeOf(t.Data).Cycles())
		err := r.step(ctx, t, step, i)
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if err == nil {
			continue
		}
		if errors.Is(err, engine.ErrBusy) {
			return err
		}
		engine.ScopeOf(t.Data).Undraw(drawn)
		err = fmt.Errorf("%s: %w", stepName(step, i), err)
		if !step.Continue {
			// What earlier actions made is dropped too: a rule answers as a whole or not at all.
			t.events = nil
			t.stop(engine.ActionError, err.Error())
			return nil
		}
		failures = errors.Join(failures, err)
	}
	if err := r.introduce(ctx, t); err != nil {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		t.events = nil
		return t.fault(engine.ActionError, err, "identity.profile: ")
	}
	t.decision.Outcome = outcome
	if failures != nil {
		t.notes = append(t.notes, "went on after: "+failures.Error())
	}
	t.decision.Reason = strings.Join(t.notes, "; ")
	for _, e := range t.events {
		t.decision.Published = append(t.decision.Published, e.ID)
	}
	return nil
}

// takeTurnAndAct runs the actions, those of a rule that draws from a cycle one run at a time: the next one must find what
// the one before has stored.
func (r *runner) takeTurnAndAct(ctx context.Context, t *trial) error {
	if r.rule.Cycles {
		leave, err := r.cycles.enter(ctx, "")
		if err != nil {
			return err
		}
		t.leave = append(t.leave, leave)
	}
	return r.act(ctx, t)
}

func stepName(s *engine.Step, i int) string {
	if s.ID != "" {
		return fmt.Sprintf("action %d (%s, %s)", i+1, s.Kind, s.ID)
	}
	return fmt.Sprintf("action %d (%s)", i+1, s.Kind)
}

// step runs one action and signs its drafts.
func (r *runner) step(ctx context.Context, t *trial, step *engine.Step, i int) error {
	scope := engine.ScopeOf(t.Data)
	identity, relays := r.actingAs(t), r.rule.Relays
	if step.Identity != "" {
		identity, _ = r.engine.Identities.Named(step.Identity)
	}
	if step.Relays != nil {
		relays = step.Relays
	}
	scope.Bot = r.bot(identity)
	if !step.If.IsZero() {
		ok, err := patiently(ctx, r, t, step.If.Eval)
		if err != nil {
			return fmt.Errorf("if: %w", err)
		}
		if !ok {
			return nil
		}
	}
	run := engine.Run{
		Rule: r.rule.Name, Step: step.ID, Data: t.Data, Event: t.Event, Relay: t.Relay,
		Pubkey: identity.Signer.PublicKey(), Own: r.engine.Identities.Own(), Relays: relays, Drafted: t.events,
		Latest: func(ctx context.Context, address string) (*nostr.Event, error) {
			return r.ledger.Latest(ctx, address, "")
		},
		Source: r.engine.Source, HTTP: r.engine.HTTP, DryRun: r.dry, Now: t.now, Log: r.log, Secrets: r.engine.secrets,
	}
	if run.Step == "" {
		run.Step = strconv.Itoa(i + 1)
	}
	run.IdempotencyKey = r.rule.Name + "/" + t.Key + "/" + run.Step
	result, err := r.try(ctx, step.Action, run)
	if err != nil {
		return err
	}
	targets := targets{relays: relays, outbox: step.Outbox || step.Relays == nil && r.rule.Outbox, lists: r.engine.RelayLists}
	made, owed, err := r.sign(ctx, t, result.Drafts, identity, targets)
	if err != nil {
		return err
	}
	t.events, t.owed = append(t.events, made...), append(t.owed, owed...)
	if result.Note != "" {
		t.notes = append(t.notes, result.Note)
	}
	if step.ID != "" {
		scope.Outputs[step.ID] = output(result.Output, made)
	}
	return nil
}

// try runs the action, again a few times if its error may pass.
func (r *runner) try(ctx context.Context, a engine.Action, run engine.Run) (engine.Result, error) {
	scope := engine.ScopeOf(run.Data)
	for n := 1; ; n++ {
		scope.ForgetMentions()
		result, err := callAction(ctx, a, run)
		passing := engine.IsTemporary(err) || errors.Is(err, engine.ErrBusy) || run.Event == nil && errors.Is(err, engine.ErrAbandoned)
		if err == nil || n == actionTries || !passing {
			return result, err
		}
		select {
		case <-ctx.Done():
			return engine.Result{}, ctx.Err()
		case <-r.engine.Clock.After(time.Duration(n) * actionPause):
		}
	}
}

// callAction turns a panic into an error: one bad action must not take the others down.
func callAction(ctx context.Context, a engine.Action, run engine.Run) (result engine.Result, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("panicked: %v", p)
		}
	}()
	return a.Act(ctx, run)
}

// sign finishes the drafts of one action and says to whom they are owed.
func (r *runner) sign(ctx context.Context, t *trial, drafts []engine.Draft, id engine.Identity, to targets) ([]nostr.Event, []engine.Delivery, error) {
	var made []nostr.Event
	var owed []engine.Delivery
	finisher := sign.Finisher{
		Signer: id.Signer, Mentions: engine.ScopeOf(t.Data).Mentions(), Now: t.now, Date: r.date, Secrets: r.engine.secrets,
	}
	for _, d := range drafts {
		e, err := finisher.Finish(ctx, d)
		if err != nil {
			return nil, nil, err
		}
		made = append(made, e)
		relays := to.of(ctx, d, e)
		if len(relays) == 0 {
			return nil, nil, errors.New("there is no relay to publish to")
		}
		for _, relay := range relays {
			owed = append(owed, engine.Delivery{
				Rule: r.rule.Name, Event: e, Relay: relay, Retry: r.rule.Retry, Quorum: r.rule.Quorum,
				Committed: t.now, State: engine.Pending,
			})
		}
	}
	return made, owed, nil
}

// date makes a version of a replaceable event newer than the one before it.
func (r *runner) date(ctx context.Context, e *nostr.Event) error {
	if r.dry {
		return nil
	}
	return r.engine.versions.Date(ctx, r.ledger, e)
}

// output is what later actions see of this one.
func output(own any, made []nostr.Event) any {
	if own != nil || len(made) == 0 {
		return own
	}
	e := made[0]
	return map[string]any{
		"id": e.ID, "pubkey": e.PubKey, "kind": e.Kind, "created_at": int64(e.CreatedAt), "content": e.Content,
	}
}
