package reference

import (
	"strings"
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
