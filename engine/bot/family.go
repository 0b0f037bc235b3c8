package bot

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"sync"

	"rhea/engine"
)

// maxDerived is how many derived identities are at hand. The others are derived again when they are needed.
const maxDerived = 4096

// family is the identities of the configuration with those that were derived from them.
type family struct {
	base   map[string]engine.Identity
	derive func(base engine.Identity, path string) (engine.Identity, error)
	ledger engine.Ledger
	// secrets gets to know the derived keys.
	secrets *engine.Redactor
	// grows says that a rule derives identities.
	grows bool
	// roots are the public keys of the configuration's identities.
	roots map[string]engine.Identity

	mu sync.Mutex
	// byName and byKey hold the derived ones, order their public keys, oldest first.
	byName, byKey map[string]engine.Identity
	order         []string
}

func newFamily(o Options) *family {
	f := &family{
		base: o.Identities, derive: o.Derive, ledger: o.Ledger, secrets: o.Secrets, roots: make(map[string]engine.Identity, len(o.Identities)),
		byName: make(map[string]engine.Identity), byKey: make(map[string]engine.Identity),
	}
	for _, id := range o.Identities {
		f.roots[id.Signer.PublicKey()] = id
	}
	for _, rule := range o.Rules {
		f.grows = f.grows || rule.Derived != nil
	}
	return f
}

// child returns the identity at a path below one of the configuration.
func (f *family) child(base, path string) (engine.Identity, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	name := derivedName(base, path)
	if id, ok := f.byName[name]; ok {
		return id, nil
	}
	parent, ok := f.base[base]
	if !ok {
		return engine.Identity{}, fmt.Errorf("identity %q has no key", base)
	}
	if f.derive == nil {
		return engine.Identity{}, errors.New("nothing derives identities here")
	}
	id, err := f.derive(parent, path)
	if err != nil {
		return engine.Identity{}, fmt.Errorf("deriving from %s: %w", base, err)
	}
	f.secrets.Know(id.Signer)
	id.Name, id.FloodStop = name, parent.FloodStop
	if len(f.order) == maxDerived {
		oldest := f.byKey[f.order[0]]
		delete(f.byName, oldest.Name)
		delete(f.byKey, f.order[0])
		f.order = f.order[1:]
	}
	pubkey := id.Signer.PublicKey()
	f.byName[name], f.byKey[pubkey], f.order = id, id, append(f.order, pubkey)
	return id, nil
}

// find returns the identity with a public key. One that has ever published is known from the ledger.
func (f *family) find(ctx context.Context, pubkey string) (id engine.Identity, ok bool, err error) {
	if id, ok := f.roots[pubkey]; ok || !f.grows {
		return id, ok, nil
	}
	f.mu.Lock()
	id, ok = f.byKey[pubkey]
	f.mu.Unlock()
	if ok {
		return id, true, nil
	}
	value, err := f.ledger.Position(ctx, descentStream(pubkey))
	if err != nil {
		return engine.Identity{}, false, fmt.Errorf("looking up the identity %s: %w", pubkey, err)
	}
	var d descent
	if value == "" || json.Unmarshal([]byte(value), &d) != nil {
		return engine.Identity{}, false, nil
	}
	id, err = f.child(d.Base, d.Path)
	// The configuration may have another key under that name by now.
	if err != nil || id.Signer.PublicKey() != pubkey {
		return engine.Identity{}, false, nil
	}
	return id, true, nil
}

// FindIdentity returns the identity with a public key that a bot with these options has, or has had: its rules may be
// others by now. It needs Identities, Derive and Ledger only.
func FindIdentity(ctx context.Context, o Options, pubkey string) (id engine.Identity, ok bool, err error) {
	f := newFamily(o)
	f.grows = true
	return f.find(ctx, pubkey)
}

// signer returns who can sign as a public key; nil for nobody.
func (f *family) signer(ctx context.Context, pubkey string) engine.Signer {
	id, ok, err := f.find(ctx, pubkey)
	if err != nil || !ok {
		return nil
	}
	return id.Signer
}

// own returns the public keys of the identities that are at hand; roots are those of the configuration.
func (f *family) own(roots []string) []string {
	if !f.grows {
		return roots
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	return slices.Concat(roots, f.order)
}

// descent says where the key of a derived identity comes from.
type descent struct {
	Base string `json:"base"`
	Path string `json:"path"`
}

// descentStream names the position that remembers a derived identity.
func descentStream(pubkey string) string { return "derived/" + pubkey }

// position remembers a derived identity, so that it is known as ours after a restart.
func (d descent) position(pubkey string) engine.Position {
	value, err := json.Marshal(d)
	if err != nil {
		panic(err) // Two texts.
	}
	return engine.Position{Stream: descentStream(pubkey), Value: string(value)}
}
