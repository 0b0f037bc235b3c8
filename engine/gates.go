package engine

import (
	"context"
	"fmt"
	"slices"
	"time"
)

// A gate lets a signal pass or stops it with an outcome and a reason. Gates are asked in order, cheapest first;
// the first one to stop a signal ends its way. An error is ours, not the signal's: it will be emitted again.
type gate struct {
	name string
	ask  func(r *runner, ctx context.Context, t *trial) (Outcome, string, error)
}

// pass is the outcome of a gate that does not stop the signal.
const pass Outcome = ""

// gates is the corridor in reading order. The condition is pure, so it may look at an event whose signature is not
// checked yet; nothing is claimed or sent before it is.
func gates() []gate {
	return []gate{
		{"age", (*runner).ageGate},
		{"self", (*runner).selfGate},
		{"duplicate", (*runner).duplicateGate},
		{"condition", (*runner).conditionGate},
		{"signature", (*runner).signatureGate},
	}
}

// ask sends the signal through the gates and records every verdict.
func (r *runner) ask(ctx context.Context, t *trial) (bool, error) {
	for _, g := range gates() {
		outcome, detail, err := g.ask(r, ctx, t)
		if err != nil {
			return false, err
		}
		t.decision.Gates = append(t.decision.Gates, Verdict{Gate: g.name, Pass: outcome == pass, Detail: detail})
		if outcome != pass {
			t.stop(outcome, detail)
			return false, nil
		}
	}
	return true, nil
}

func (t *trial) stop(o Outcome, reason string) {
	t.decision.Outcome, t.decision.Reason = o, reason
	t.decision.Published, t.owed = nil, nil
}

func (r *runner) ageGate(_ context.Context, t *trial) (Outcome, string, error) {
	if t.Backlog {
		return TooOld, "was there before the rule first ran", nil
	}
	age := t.now.Sub(t.Time).Round(time.Second)
	if r.rule.MaxAge > 0 && age > r.rule.MaxAge {
		return TooOld, fmt.Sprintf("%s old, max_age is %s", age, r.rule.MaxAge), nil
	}
	return pass, "", nil
}

func (r *runner) selfGate(_ context.Context, t *trial) (Outcome, string, error) {
	if t.Event != nil && slices.Contains(r.own, t.Event.PubKey) {
		return Self, "written by an identity of this configuration", nil
	}
	return pass, "", nil
}

func (r *runner) duplicateGate(ctx context.Context, t *trial) (Outcome, string, error) {
	seen, err := r.ledger.Seen(ctx, r.rule.Name, t.Key)
	if err != nil {
		return pass, "", fmt.Errorf("looking up %s: %w", t.Key, err)
	}
	if seen {
		return Duplicate, "", nil
	}
	return pass, "", nil
}

func (r *runner) conditionGate(ctx context.Context, t *trial) (Outcome, string, error) {
	if t.Prepare != nil {
		t.Prepare(ctx)
	}
	if err := ctx.Err(); err != nil {
		return pass, "", err
	}
	for i, c := range r.rule.If {
		ok, err := c.Eval(t.Data)
		if err != nil {
			return ConditionError, err.Error(), nil
		}
		if !ok {
			return ConditionFalse, conditionName(r.rule.If, i), nil
		}
	}
	return pass, "", nil
}

func conditionName(all []Condition, i int) string {
	if len(all) == 1 {
		return all[i].Source()
	}
	return fmt.Sprintf("condition %d: %s", i+1, all[i].Source())
}

func (r *runner) signatureGate(_ context.Context, t *trial) (Outcome, string, error) {
	if t.Verify == nil {
		return pass, "", nil
	}
	if err := t.Verify(); err != nil {
		return BadSignature, err.Error(), nil
	}
	return pass, "", nil
}
