package bot

import (
	"context"
	"fmt"
	"time"

	"rhea/engine"
)

// held returns what to say when the rule is held, "" when it is not.
func (r *runner) held(ctx context.Context) (string, error) {
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
