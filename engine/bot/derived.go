package bot

import (
	"errors"
	"fmt"

	"rhea/engine"
)

// maxPath is more than an address of a feed has, in bytes.
const maxPath = 2048

// namesBot reports whether an expression of the rule names the identity that it acts as.
func namesBot(r *engine.Rule) bool {
	return r.Uses["bot"] || r.Uses["bot.pubkey"] || r.Uses["bot.npub"] || r.Uses["bot.name"]
}

// identify finds the identity that the signal is answered as.
func (r *runner) identify(t *trial) error {
	t.identity = r.identity
	if r.rule.Derived == nil {
		return nil
	}
	path, err := r.rule.Derived.Path.Eval(t.Data)
	switch {
	case err != nil:
	case path == "":
		err = errors.New("is empty; it must tell one identity from another")
	case len(path) > maxPath:
		err = fmt.Errorf("has %d bytes, %d are possible", len(path), maxPath)
	}
	if err != nil {
		return fmt.Errorf("identity.path: %w", err)
	}
	id, err := r.engine.Identities.Below(r.rule.Identity, path)
	if err != nil {
		return fmt.Errorf("identity: %w", err)
	}
	t.identity, t.path = id, path
	engine.ScopeOf(t.Data).Bot = r.bot(id)
	return nil
}

// actingAs is the identity that the signal is answered as; the rule's own before that is known.
func (r *runner) actingAs(t *trial) engine.Identity {
	if t.identity.Signer == nil {
		return r.identity
	}
	return t.identity
}

// speaks reports whether one of the events is by the derived identity of the signal.
func (t *trial) speaks() bool {
	for _, e := range t.events {
		if t.path != "" && e.PubKey == t.identity.Signer.PublicKey() {
			return true
		}
	}
	return false
}
