package thread

import "github.com/nbd-wtf/go-nostr"

// Pointer names what an event points to. Either ID, Address or External may be set.
type Pointer struct {
	// ID is an event id, 64 lower-case hex characters.
	ID string
	// Address is kind:pubkey:d of an addressable event.
	Address string
	// External is an address outside Nostr (NIP-73).
	External string
	// Relay is where it may be found.
	Relay string
	// Author is its author, if known.
	Author string
	// Kind is its kind, -1 if unknown.
	Kind int
}

// IsZero reports whether p points to nothing.
func (p Pointer) IsZero() bool { return p.ID == "" && p.Address == "" && p.External == "" }

// Parent returns what e answers directly.
func Parent(e *nostr.Event) Pointer { return Pointer{} }

// Root returns what the conversation that e is part of began with.
func Root(e *nostr.Event) Pointer { return Pointer{} }
