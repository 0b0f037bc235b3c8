package pipeline

import (
	"context"

	"rhea/engine"
	"rhea/engine/gate"
)

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
	if a.Mismatch != "" {
		a.stop(engine.NoMatch, a.Mismatch)
		return nil
	}
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
	p.once.Do(func() { p.slots = make(chan struct{}, max(p.opts.Rule.Concurrency, 1)) })
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
		a.counters = append(a.counters, r.Counters...)
		return nil
	}
	if r.Gate == "flood" && a.reply != nil {
		r.Verdict.Reason = a.decision.Reason + "; " + r.Verdict.Reason
	}
	return p.apply(ctx, a, r.Gate, r.Verdict)
}
