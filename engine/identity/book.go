package identity

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"sync"

	"rhea/engine"
	"rhea/engine/key"
	"rhea/engine/reference"
)

// maxDerived is how many derived identities are at hand. The others are derived again when they are needed.
const maxDerived = 4096

// Options are what a [Book] is made of. Configured is required.
type Options struct {
	// Configured are the identities of the configuration by name.
	Configured map[string]engine.Identity
	// Derive makes the signer and the npub of the identity at a path below another, always the same one, such as [Derive].
	// Without it there are the configured ones only.
	Derive func(base engine.Identity, path string) (engine.Identity, error)
	// Origins remember the derived identities that have published. Needed with Derive.
	Origins engine.Positions
	// Secrets gets to know the keys of all identities; nil is for one of the book's own.
	Secrets *engine.Redactor
}

// Book is the identities of the configuration with those that were derived from them.
type Book struct {
	opts Options
	// roots are the configured identities by their public keys.
	roots map[string]engine.Identity
	// pubkeys are those of roots, in order.
	pubkeys []string

	mu sync.Mutex
	// byName and byKey hold the derived ones, order their public keys, oldest first.
	byName, byKey map[string]engine.Identity
	order         []string
}

// New returns the book of some identities.
func New(o Options) *Book {
	if o.Secrets == nil {
		o.Secrets = new(engine.Redactor)
	}
	b := &Book{
		opts: o, roots: make(map[string]engine.Identity, len(o.Configured)),
		byName: make(map[string]engine.Identity), byKey: make(map[string]engine.Identity),
	}
	for _, id := range o.Configured {
		b.roots[id.Signer.PublicKey()] = id
		o.Secrets.Know(id.Signer)
	}
	b.pubkeys = slices.Sorted(maps.Keys(b.roots))
	return b
}

// Named returns the identity that the configuration calls so.
func (b *Book) Named(name string) (engine.Identity, bool) {
	id, ok := b.opts.Configured[name]
	return id, ok
}

// Secrets knows the keys of all identities that were met so far.
func (b *Book) Secrets() *engine.Redactor { return b.opts.Secrets }

// Below returns the identity at a path below one of the configuration.
func (b *Book) Below(base, path string) (engine.Identity, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	name := base + "/" + path
	if id, ok := b.byName[name]; ok {
		return id, nil
	}
	parent, ok := b.opts.Configured[base]
	if !ok {
		return engine.Identity{}, fmt.Errorf("identity %q has no key", base)
	}
	if b.opts.Derive == nil {
		return engine.Identity{}, errors.New("nothing derives identities here")
	}
	id, err := b.opts.Derive(parent, path)
	if err != nil {
		return engine.Identity{}, fmt.Errorf("deriving from %s: %w", base, err)
	}
	b.opts.Secrets.Know(id.Signer)
	id.Name, id.FloodStop = name, parent.FloodStop
	if len(b.order) == maxDerived {
		oldest := b.byKey[b.order[0]]
		delete(b.byName, oldest.Name)
		delete(b.byKey, b.order[0])
		b.order = b.order[1:]
	}
	pubkey := id.Signer.PublicKey()
	b.byName[name], b.byKey[pubkey], b.order = id, id, append(b.order, pubkey)
	return id, nil
}

// Find returns the identity with a public key. One that has ever published is known from the ledger.
func (b *Book) Find(ctx context.Context, pubkey string) (id engine.Identity, ok bool, err error) {
	if id, ok := b.roots[pubkey]; ok || b.opts.Derive == nil {
		return id, ok, nil
	}
	b.mu.Lock()
	id, ok = b.byKey[pubkey]
	b.mu.Unlock()
	if ok {
		return id, true, nil
	}
	value, err := b.opts.Origins.Position(ctx, originStream(pubkey))
	if err != nil {
		return engine.Identity{}, false, fmt.Errorf("looking up the identity %s: %w", pubkey, err)
	}
	var o Origin
	if value == "" || json.Unmarshal([]byte(value), &o) != nil {
		return engine.Identity{}, false, nil
	}
	id, err = b.Below(o.Base, o.Path)
	// The configuration may have another key under that name by now.
	if err != nil || id.Signer.PublicKey() != pubkey {
		return engine.Identity{}, false, nil
	}
	return id, true, nil
}

// Signer returns the signer of a public key; nil when there is none, also when the state cannot be read, which every commit
// reports.
func (b *Book) Signer(ctx context.Context, pubkey string) engine.Signer {
	id, ok, err := b.Find(context.WithoutCancel(ctx), pubkey)
	if err != nil || !ok {
		return nil
	}
	return id.Signer
}

// Pubkeys returns the public keys of the configured identities.
func (b *Book) Pubkeys() []string { return b.pubkeys }

// Own returns the public keys of the identities that are at hand.
func (b *Book) Own() []string {
	if b.opts.Derive == nil {
		return b.pubkeys
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	return slices.Concat(b.pubkeys, b.order)
}

// Origin says where the key of a derived identity comes from.
type Origin struct {
	Base string `json:"base"`
	Path string `json:"path"`
}

// originStream names the position that remembers a derived identity.
func originStream(pubkey string) string { return "derived/" + pubkey }

// Position remembers a derived identity, so that it is known as ours after a restart.
func (o Origin) Position(pubkey string) engine.Position {
	value, err := json.Marshal(o)
	if err != nil {
		panic(err) // Two texts.
	}
	return engine.Position{Stream: originStream(pubkey), Value: string(value)}
}

// Of is the identity with a name and a signer.
func Of(name string, signer engine.Signer) (engine.Identity, error) {
	npub, err := reference.Npub(signer.PublicKey())
	if err != nil {
		return engine.Identity{}, fmt.Errorf("identity %s: %w", name, err)
	}
	return engine.Identity{Name: name, Npub: npub, Signer: signer}, nil
}

// Derive makes the identity at a path below another whose key is here, see [Options].
func Derive(base engine.Identity, path string) (engine.Identity, error) {
	parent, ok := base.Signer.(*key.Signer)
	if !ok {
		return engine.Identity{}, errors.New("only a key that is here has others below it")
	}
	signer, err := key.Derive(parent, path)
	if err != nil {
		return engine.Identity{}, err
	}
	return Of(base.Name+"/"+path, signer)
}
