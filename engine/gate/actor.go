package gate

import (
	"context"
	"errors"
	"fmt"

	"rhea/engine"
)

// maxPath is more than an address of a feed has, in bytes.
const maxPath = 2048

// actorGate derives the identity that answers. It comes after the signature, unless an expression names the identity:
// a forged event is not worth a key.
func actorGate(r *facts) Gate {
	return check{"identity", func(_ context.Context, c *Candidate) (Verdict, error) {
		if r.rule.Derived == nil || c.As.Signer != nil {
			return skip(), nil
		}
		id, path, err := actor(r, &c.Signal)
		switch {
		case errors.Is(err, engine.ErrBusy):
			return Verdict{}, err
		case err != nil:
			return stop(engine.ConditionError, err.Error()), nil
		}
		v := pass(id.Npub)
		v.As, v.Path = id, path
		return v, nil
	}}
}

// actor finds the identity that a signal is answered as, and the path that it is derived at, "" for the rule's own.
func actor(r *facts, s *engine.Signal) (id engine.Identity, path string, err error) {
	if r.rule.Derived == nil {
		return r.identity, "", nil
	}
	path, err = r.rule.Derived.Path.Eval(s.Data)
	switch {
	case err != nil:
	case path == "":
		err = errors.New("is empty; it must tell one identity from another")
	case len(path) > maxPath:
		err = fmt.Errorf("has %d bytes, %d are possible", len(path), maxPath)
	}
	if err != nil {
		return engine.Identity{}, "", fmt.Errorf("identity.path: %w", err)
	}
	if id, err = r.gates.opts.Identities.Below(r.rule.Identity, path); err != nil {
		return engine.Identity{}, "", fmt.Errorf("identity: %w", err)
	}
	return id, path, nil
}
