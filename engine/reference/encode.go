package reference

import (
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
)

// Npub names a person, who may be given in any form that [PublicKey] reads.
func Npub(pubkey string) (string, error) {
	key, err := personBytes(pubkey)
	if err != nil {
		return "", err
	}
	return encode(TypeNpub, key)
}

// Note names an event by its id alone. Prefer [Nevent], which says where to find it.
func Note(id string) (string, error) {
	data, err := bytes32(id, errEvent)
	if err != nil {
		return "", err
	}
	return encode(TypeNote, data)
}

// Nprofile names a person, who may be given in any form that [PublicKey] reads, and where to find them. A relay that does not fit into a name is left out.
func Nprofile(pubkey string, relays ...string) (string, error) {
	key, err := personBytes(pubkey)
	if err != nil {
		return "", err
	}
	return encode(TypeNprofile, appendRelays(appendField(nil, fieldSpecial, key), relays))
}

// Nevent names an event, its author ("" for unknown), its kind (negative for unknown) and where to find it. A relay
// that does not fit into a name is left out.
func Nevent(id, author string, kind int, relays ...string) (string, error) {
	event, err := bytes32(id, errEvent)
	if err != nil {
		return "", err
	}
	data := appendRelays(appendField(nil, fieldSpecial, event), relays)
	if author != "" {
		key, err := bytes32(author, errPubkey)
		if err != nil {
			return "", err
		}
		data = appendField(data, fieldAuthor, key)
	}
	if kind >= 0 {
		if data, err = appendKind(data, kind); err != nil {
			return "", err
		}
	}
	return encode(TypeNevent, data)
}

// Naddr names an addressable or replaceable event by its coordinates; d is "" for a replaceable one. A relay that
// does not fit into a name is left out.
func Naddr(kind int, pubkey, d string, relays ...string) (string, error) {
	key, err := bytes32(pubkey, errPubkey)
	if err != nil {
		return "", err
	}
	if len(d) > maxField {
		return "", fmt.Errorf("the identifier (d tag) has %d bytes; an naddr holds at most %d", len(d), maxField)
	}
	data := appendRelays(appendField(nil, fieldSpecial, []byte(d)), relays)
	data = appendField(data, fieldAuthor, key)
	if data, err = appendKind(data, kind); err != nil {
		return "", err
	}
	return encode(TypeNaddr, data)
}

func personBytes(s string) ([]byte, error) {
	key, err := PublicKey(s)
	if errors.Is(err, errUnknown) {
		err = errPubkey
	}
	if err != nil {
		return nil, err
	}
	return hex.DecodeString(key)
}

func bytes32(s string, otherwise error) ([]byte, error) {
	if !isHex32(s) {
		return nil, otherwise
	}
	return hex.DecodeString(s)
}

func appendField(data []byte, field byte, value []byte) []byte {
	return append(append(data, field, byte(len(value))), value...)
}

func appendRelays(data []byte, relays []string) []byte {
	count := 0
	for _, relay := range relays {
		if relay == "" || len(relay) > maxField || count == maxRelays {
			continue
		}
		data = appendField(data, fieldRelay, []byte(relay))
		count++
	}
	return data
}

func appendKind(data []byte, kind int) ([]byte, error) {
	if kind < 0 || kind > maxKind {
		return nil, fmt.Errorf("there is no kind %d; kinds go from 0 to %d", kind, maxKind)
	}
	return appendField(data, fieldKind, binary.BigEndian.AppendUint32(nil, uint32(kind))), nil
}
