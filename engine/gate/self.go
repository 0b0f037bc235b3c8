package gate

import (
	"context"

	"rhea/engine"
)

// selfGate stops what an identity of ours has written.
func selfGate(r *facts) Gate {
	return check{"self", func(ctx context.Context, c *Candidate) (Verdict, error) {
		if c.Event == nil {
			return skip(), nil
		}
		_, own, err := r.gates.opts.Identities.Find(ctx, c.Event.PubKey)
		if err != nil {
			return Verdict{}, err
		}
		if own {
			return stop(engine.Self, "written by an identity of this configuration"), nil
		}
		return pass(""), nil
	}}
}
