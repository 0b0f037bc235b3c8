package reference

import (
	"errors"
)

// The types of references.
const (
	TypeNpub     = "npub"
	TypeNprofile = "nprofile"
	TypeNote     = "note"
	TypeNevent   = "nevent"
	TypeNaddr    = "naddr"
)

// Reference is what a bech32 name stands for.
type Reference struct {
	// Type is npub, nprofile, note, nevent or naddr.
	Type string
	// PublicKey is the person, or the author of the event if known; 64 lower-case hex characters.
	PublicKey string
	// ID is the event's id; 64 lower-case hex characters.
	ID string
	// Kind is the event's kind, -1 if unknown.
	Kind int
	// Identifier is the d tag of an addressable event.
	Identifier string
	// Address is kind:pubkey:d of an addressable event.
	Address string
	// Relays are where it may be found; only ws:// and wss:// addresses.
	Relays []string
	// Start and End are where Find saw it in the text, in bytes, nostr: included.
	Start, End int
}

var (
	errSecret  = errors.New("this is a secret key, not a public name; never put it where others can read it")
	errUnknown = errors.New("not a name of Nostr; write npub1…, nprofile1…, note1…, nevent1… or naddr1…")
	errPubkey  = errors.New("not a public key; write npub1…, nprofile1… or 64 hex characters")
	errEvent   = errors.New("not an event id; write nevent1…, note1… or 64 hex characters")
)
