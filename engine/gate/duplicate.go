package gate

import (
	"context"
	"fmt"

	"rhea/engine"
)

// duplicateGate stops what was dealt with before. Only the commit decides.
func duplicateGate(r *facts) Gate {
	return check{"duplicate", func(ctx context.Context, c *Candidate) (Verdict, error) {
		seen, err := r.ledger.Seen(ctx, r.rule.Name, c.Key)
		if err != nil {
			return Verdict{}, fmt.Errorf("looking up %s: %w", c.Key, err)
		}
		if seen {
			return stop(engine.Duplicate, ""), nil
		}
		return pass(""), nil
	}}
}
