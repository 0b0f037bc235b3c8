package gate

import (
	"context"

	"rhea/engine"
)

// signatureGate checks the signature of the event. From here on somebody is known to have written it.
func signatureGate(r *facts) Gate {
	return check{"signature", func(ctx context.Context, c *Candidate) (Verdict, error) {
		if c.Verify == nil {
			return skip(), nil
		}
		return checkSignature(ctx, r, c), nil
	}}
}

func checkSignature(ctx context.Context, r *facts, c *Candidate) Verdict {
	if r.guardsLoops(c.Event) {
		r.profiles.Expect(ctx, c.Event.PubKey) // The relays answer while the signature is checked.
	}
	if err := c.Verify(); err != nil {
		return stop(engine.BadSignature, err.Error())
	}
	v := pass("")
	v.Proved = true
	return v
}
