package pipeline

import (
	"context"
	"fmt"

	"rhea/engine"
	"rhea/engine/gate"
)

// begin is a signal before anything was asked.
func (p *Pipeline) begin(ctx context.Context, trigger string, s engine.Signal) *attempt {
	a := &attempt{Candidate: gate.Candidate{Signal: s}, reserved: func(bool) {}}
	a.decision = engine.Decision{Rule: p.opts.Rule.Name, Trigger: trigger, Key: s.Key, Relay: s.Relay}
	scope := engine.ScopeOf(s.Data)
	scope.Rule = engine.RuleInfo{Name: p.opts.Rule.Name}
	scope.Bot = botOf(p.opts.Identity)
	scope.Outputs = make(map[string]any)
	scope.ReadCycles(func(stream string) (string, error) { return p.opts.Ledger.Position(ctx, stream) })
	a.at(p.opts.Clock.Now())
	return a
}

// apply notes what a gate has said. Nothing else writes what gates decide.
func (p *Pipeline) apply(ctx context.Context, a *attempt, name string, v gate.Verdict) error {
	a.count(v.Count)
	a.Proved = a.Proved || v.Proved
	if v.As.Signer != nil {
		a.actAs(v.As, v.Path)
	}
	if v.Done != nil {
		a.done = append(a.done, v.Done)
	}
	switch {
	case v.Store == nil:
	case v.Unclaimed:
		a.unclaimed = true
		if err := p.opts.Ledger.Advance(ctx, *v.Store); err != nil {
			return fmt.Errorf("storing what the author said: %w", err)
		}
	default:
		a.Position = v.Store
	}
	switch v.Outcome {
	case "":
		return fmt.Errorf("the gate %s has said nothing", name)
	case gate.Skip:
		return nil
	case gate.Pass:
		a.decision.Gates = append(a.decision.Gates, engine.Verdict{Gate: name, Pass: true, Detail: v.Reason})
		return nil
	}
	a.decision.Gates = append(a.decision.Gates, engine.Verdict{Gate: name, Detail: v.Reason})
	a.stop(v.Outcome, v.Reason)
	a.held, a.crowded, a.wait = v.Held, v.Crowded, v.Wait
	if v.Reply != nil {
		a.reply = v.Reply
		a.notes = append(a.notes, v.Reason)
	}
	return nil
}
