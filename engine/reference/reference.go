package reference

import (
	"errors"
	"strings"
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

// Parse reads a bech32 name with or without nostr: before it.
func Parse(s string) (Reference, error) {
	prefix, data, err := decode(trimScheme(strings.TrimSpace(s)))
	if err != nil {
		return Reference{}, err
	}
	r := Reference{Type: prefix, Kind: -1}
	switch prefix {
	case TypeNpub:
		r.PublicKey, err = hex32(data)
	case TypeNote:
		r.ID, err = hex32(data)
	case TypeNprofile, TypeNevent, TypeNaddr:
		err = r.readFields(data)
	case "nsec", "ncryptsec":
		err = errSecret
	default:
		err = errUnknown
	}
	if err != nil {
		return Reference{}, err
	}
	return r, nil
}

// PublicKey reads a public key from 64 hex characters, an npub or an nprofile, and returns it in lower-case hex.
func PublicKey(s string) (string, error) {
	s = strings.TrimSpace(s)
	if isHex32(s) {
		return strings.ToLower(s), nil
	}
	r, err := Parse(s)
	if err != nil {
		return "", err
	}
	if r.Type != TypeNpub && r.Type != TypeNprofile {
		return "", errPubkey
	}
	return r.PublicKey, nil
}

// EventID reads an event id from 64 hex characters, a note or a nevent, and returns it in lower-case hex.
func EventID(s string) (string, error) {
	s = strings.TrimSpace(s)
	if isHex32(s) {
		return strings.ToLower(s), nil
	}
	r, err := Parse(s)
	if err != nil {
		return "", err
	}
	if r.ID == "" {
		return "", errEvent
	}
	return r.ID, nil
}

const scheme = "nostr:"

func trimScheme(s string) string {
	if len(s) >= len(scheme) && strings.EqualFold(s[:len(scheme)], scheme) {
		return s[len(scheme):]
	}
	return s
}

func isHex32(s string) bool {
	if len(s) != 64 {
		return false
	}
	for _, c := range []byte(s) {
		if !('0' <= c && c <= '9' || 'a' <= c && c <= 'f' || 'A' <= c && c <= 'F') {
			return false
		}
	}
	return true
}
