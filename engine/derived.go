package engine

import (
	"errors"
	"fmt"
)

// Derived lets a rule act as an identity of its own for each value of Path, such as one for each of many feeds.
type Derived struct {
	// Path tells one identity from another. The same path below the same identity is the same key for ever.
	Path Text
	// Profile is what each of them says about itself (kind 0, NIP-24), published before what it says next whenever that
	// has changed; nil publishes none.
	Profile []ProfileField
}

// ProfileField is one field of a profile, such as "about". One that has no text is left out.
type ProfileField struct {
	Name string
	Text Text
}

// maxPath is more than an address of a feed has, in bytes.
const maxPath = 2048

// namesBot reports whether an expression of the rule names the identity that it acts as.
func (r *Rule) namesBot() bool {
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
	id, err := r.engine.family.child(r.rule.Identity, path)
	if err != nil {
		return fmt.Errorf("identity: %w", err)
	}
	t.identity, t.path = id, path
	ScopeOf(t.Data).Bot = r.bot(id)
	return nil
}

// actingAs is the identity that the signal is answered as; the rule's own before that is known.
func (r *runner) actingAs(t *trial) Identity {
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

// derivedName is how a derived identity is called: the name of the one above and the path.
func derivedName(base, path string) string { return base + "/" + path }
