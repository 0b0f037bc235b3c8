package gate

import (
	"context"
	"fmt"
	"time"

	"rhea/engine"
)

// holds knows whether the rule is held.
type holds struct{ facts *facts }

// holdGate stops everything while the rule is held. It leaves no verdict on a rule that is not.
func (r *holds) holdGate() Gate {
	return check{"hold", func(ctx context.Context, _ *Candidate) (Verdict, error) { return r.held(ctx) }}
}

func (r *holds) held(ctx context.Context) (Verdict, error) {
	reason, err := r.reason(ctx)
	if err != nil || reason == "" {
		return skip(), err
	}
	v := stop(engine.RateLimited, reason)
	v.Held = true
	return v, nil
}

// reason returns what to say when the rule is held, "" when it is not.
func (r *holds) reason(ctx context.Context) (string, error) {
	value, err := r.facts.ledger.Position(ctx, engine.HoldStream(r.facts.rule.Name))
	if err != nil {
		return "", fmt.Errorf("looking up whether the rule is held: %w", err)
	}
	h, ok := engine.ParseHold(value)
	if !ok {
		return "", nil
	}
	return fmt.Sprintf("held since %s: %s; rhea resume %s goes on", h.Since.UTC().Format(time.RFC3339), h.Reason, r.facts.rule.Name), nil
}
