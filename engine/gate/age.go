package gate

import (
	"context"
	"fmt"
	"time"

	"rhea/engine"
)

// ageGate stops what was there before the rule first ran, and what is too old.
func ageGate(r *facts) Gate {
	return check{"age", func(_ context.Context, c *Candidate) (Verdict, error) {
		switch {
		case c.Backlog:
			return stop(engine.TooOld, "was there before the rule first ran"), nil
		case r.rule.MaxAge == 0:
			return skip(), nil
		}
		asked := c.Now
		if !c.Offered.IsZero() {
			asked = c.Offered // What waits for its turn since then does not grow older.
		}
		if age := asked.Sub(c.Time).Round(time.Second); age > r.rule.MaxAge {
			return stop(engine.TooOld, fmt.Sprintf("%s old, max_age is %s", engine.Duration(age), engine.Duration(r.rule.MaxAge))), nil
		}
		return pass(""), nil
	}}
}

// expirationGate stops what its author wants to be gone by now (NIP-40).
func expirationGate(r *facts) Gate {
	return check{"expiration", func(_ context.Context, c *Candidate) (Verdict, error) {
		switch {
		case c.Event == nil || engine.Expiration(c.Event).IsZero():
			return skip(), nil
		case engine.Expired(c.Event, c.Now):
			return stop(engine.TooOld, "it expired at "+engine.Expiration(c.Event).UTC().Format(time.RFC3339)), nil
		}
		return pass(""), nil
	}}
}

// late reports whether the signal is too old to be answered.
func late(r *facts, c *Candidate) bool { return r.rule.MaxAge > 0 && c.Now.Sub(c.Time) > r.rule.MaxAge }
