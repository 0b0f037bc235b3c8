package reference

import "errors"

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
	// Relays are where it may be found.
	Relays []string
	// Start and End are where Find saw it in the text, in bytes, nostr: included.
	Start, End int
}

var errUnfinished = errors.New("not implemented")

// Parse reads a bech32 name with or without nostr: before it.
func Parse(s string) (Reference, error) { return Reference{}, errUnfinished }

// Find returns the references in text, in order.
func Find(text string) []Reference { return nil }

// PublicKey reads a public key from 64 hex characters, an npub or an nprofile.
func PublicKey(s string) (string, error) { return "", errUnfinished }

// EventID reads an event id from 64 hex characters, a note or a nevent.
func EventID(s string) (string, error) { return "", errUnfinished }

// Npub names a person.
func Npub(pubkey string) (string, error) { return "", errUnfinished }

// Nprofile names a person and where to find them.
func Nprofile(pubkey string, relays ...string) (string, error) { return "", errUnfinished }

// Note names an event.
func Note(id string) (string, error) { return "", errUnfinished }

// Nevent names an event, its author ("" for unknown), its kind (negative for unknown) and where to find it.
func Nevent(id, author string, kind int, relays ...string) (string, error) { return "", errUnfinished }

// Naddr names an addressable event by its coordinates.
func Naddr(kind int, pubkey, d string, relays ...string) (string, error) { return "", errUnfinished }
