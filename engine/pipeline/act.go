package pipeline

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/nbd-wtf/go-nostr"

	"rhea/engine"
	"rhea/engine/gate"
)

// Tries of an action whose error may pass.
const (
	actionTries = 3
	actionPause = 2 * time.Second
)

// act runs the actions of the rule in order, or the reply, and collects what they owe. The error is ours (shutdown);
// what an action gets wrong is an outcome.
func (p *Pipeline) act(ctx context.Context, a *attempt) error {
	if p.opts.Rule.Cycles {
		// One run at a time: the next one must find what the one before has stored.
		if err := a.take(ctx, &p.cycles, ""); err != nil {
			return err
		}
	}
	steps := p.opts.Rule.Steps
	if a.reply != nil {
		steps = []engine.Step{{Kind: "opt_out", Action: a.reply}}
	}
	failures, err := p.steps(ctx, a, steps)
	if err != nil {
		return p.failed(ctx, a, err, "")
	}
	if err := p.publishProfile(ctx, a); err != nil {
		return p.failed(ctx, a, err, "identity.profile: ")
	}
	a.decision.Outcome = engine.Fired
	if p.opts.Dry {
		a.decision.Outcome = engine.DryRun
	}
	if failures != nil {
		a.notes = append(a.notes, "went on after: "+failures.Error())
	}
	a.decision.Reason = strings.Join(a.notes, "; ")
	for _, e := range a.events {
		a.decision.Published = append(a.decision.Published, e.ID)
	}
	return nil
}

// failed drops what the actions have made: a rule answers as a whole or not at all.
func (p *Pipeline) failed(ctx context.Context, a *attempt, err error, where string) error {
	if ctx.Err() != nil {
		return ctx.Err()
	}
	return a.fault(engine.ActionError, err, where)
}

// steps runs actions in order. What goes wrong in one that the rule goes on after is returned as failures.
func (p *Pipeline) steps(ctx context.Context, a *attempt, steps []engine.Step) (failures, err error) {
	scope := engine.ScopeOf(a.Data)
	for i := range steps {
		step := &steps[i]
		drawn := len(scope.Cycles())
		err := p.step(ctx, a, step, i)
		switch {
		case err == nil:
			continue
		case ctx.Err() != nil || errors.Is(err, engine.ErrBusy):
			return nil, err
		}
		scope.Undraw(drawn)
		err = fmt.Errorf("%s: %w", stepName(step, i), err)
		if !step.Continue {
			return nil, err
		}
		failures = errors.Join(failures, err)
	}
	return failures, nil
}

func stepName(s *engine.Step, i int) string {
	if s.ID != "" {
		return fmt.Sprintf("action %d (%s, %s)", i+1, s.Kind, s.ID)
	}
	return fmt.Sprintf("action %d (%s)", i+1, s.Kind)
}

// step runs one action and signs its drafts.
func (p *Pipeline) step(ctx context.Context, a *attempt, step *engine.Step, i int) error {
	scope := engine.ScopeOf(a.Data)
	identity, relays := p.actor(a), p.opts.Rule.Relays
	if step.Identity != "" {
		identity, _ = p.opts.Identities.Named(step.Identity)
	}
	if step.Relays != nil {
		relays = step.Relays
	}
	scope.Bot = botOf(identity)
	if !step.If.IsZero() {
		ok, err := gate.Patiently(ctx, p.opts.Clock, &a.Signal, step.If.Eval)
		if err != nil {
			return fmt.Errorf("if: %w", err)
		}
		if !ok {
			return nil
		}
	}
	run := engine.Run{
		Rule: p.opts.Rule.Name, Step: step.ID, Data: a.Data, Event: a.Event, Relay: a.Relay,
		Pubkey: identity.Signer.PublicKey(), Own: p.opts.Identities.Own(), Relays: relays, Drafted: a.events,
		Latest: func(ctx context.Context, address string) (*nostr.Event, error) {
			return p.opts.Ledger.Latest(ctx, address, "")
		},
		Source: p.opts.Source, HTTP: p.opts.HTTP, DryRun: p.opts.Dry, Now: a.Now, Log: p.opts.Log, Secrets: p.opts.Secrets,
	}
	if run.Step == "" {
		run.Step = strconv.Itoa(i + 1)
	}
	run.IdempotencyKey = p.opts.Rule.Name + "/" + a.Key + "/" + run.Step
	result, err := p.try(ctx, step.Action, run)
	if err != nil {
		return err
	}
	targets := targets{relays: relays, outbox: step.Outbox || step.Relays == nil && p.opts.Rule.Outbox, lists: p.opts.RelayLists}
	made, owed, err := p.sign(ctx, a, result.Drafts, identity, targets)
	if err != nil {
		return err
	}
	a.events, a.owed = append(a.events, made...), append(a.owed, owed...)
	if result.Note != "" {
		a.notes = append(a.notes, result.Note)
	}
	if step.ID != "" {
		scope.Outputs[step.ID] = output(result.Output, made)
	}
	return nil
}

// try runs the action, again a few times if its error may pass.
func (p *Pipeline) try(ctx context.Context, action engine.Action, run engine.Run) (engine.Result, error) {
	scope := engine.ScopeOf(run.Data)
	for n := 1; ; n++ {
		scope.ForgetMentions()
		result, err := callAction(ctx, action, run)
		passing := engine.IsTemporary(err) || errors.Is(err, engine.ErrBusy) || run.Event == nil && errors.Is(err, engine.ErrAbandoned)
		if err == nil || n == actionTries || !passing {
			return result, err
		}
		select {
		case <-ctx.Done():
			return engine.Result{}, ctx.Err()
		case <-p.opts.Clock.After(time.Duration(n) * actionPause):
		}
	}
}

// callAction turns a panic into an error: one bad action must not take the others down.
func callAction(ctx context.Context, action engine.Action, run engine.Run) (result engine.Result, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("panicked: %v", p)
		}
	}()
	return action.Act(ctx, run)
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
