package gate

import (
	"context"

	"rhea/engine"
)

// sizeGate stops events that are too large to be looked at.
func sizeGate() Gate {
	return check{"size", func(_ context.Context, c *Candidate) (Verdict, error) {
		if c.Event == nil {
			return skip(), nil
		}
		if reason := engine.Oversize(c.Event); reason != "" {
			return stop(engine.RateLimited, reason), nil
		}
		return skip(), nil
	}}
}
