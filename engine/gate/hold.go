package gate

import (
	"context"
	"fmt"
	"time"

	"rhea/engine"
)

// holdGate stops everything while the rule is held. It leaves no verdict on a rule that is not.
func (r *Rule) holdGate() Gate {
	return check{"hold", func(ctx context.Context, _ *Candidate) (Verdict, error) { return r.held(ctx) }}
}

func (r *Rule) held(ctx context.Context) (Verdict, error) {
	reason, err := r.Held(ctx)
	if err != nil || reason == "" {
		return skip(), err
	}
	v := stop(engine.RateLimited, reason)
	v.Held = true
	return v, nil
}

// Held returns what to say when the rule is held, "" when it is not.
func (r *Rule) Held(ctx context.Context) (string, error) {
	value, err := r.ledger.Position(ctx, engine.HoldStream(r.rule.Name))
	if err != nil {
		return "", fmt.Errorf("looking up whether the rule is held: %w", err)
	}
	h, ok := engine.ParseHold(value)
	if !ok {
		return "", nil
	}
	return fmt.Sprintf("held since %s: %s; rhea resume %s goes on", h.Since.UTC().Format(time.RFC3339), h.Reason, r.rule.Name), nil
}
