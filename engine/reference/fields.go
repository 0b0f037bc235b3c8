package reference

import (
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"net/url"
	"strings"
)

// The fields of nprofile, nevent and naddr: a type byte, a length byte, the value (NIP-19).
const (
	fieldSpecial = 0 // the public key, the event id or the d tag
	fieldRelay   = 1
	fieldAuthor  = 2
	fieldKind    = 3
)

const (
	maxField = 255
	// maxRelays keeps a name with the longest hints below the length limit.
	maxRelays = 10
	maxKind   = 65535
)

var errTruncated = errors.New("the name is cut off: a field is longer than what follows it")

func (r *Reference) readFields(data []byte) error {
	var special []byte
	for len(data) > 0 {
		if len(data) < 2 || len(data) < 2+int(data[1]) {
			return errTruncated
		}
		field, value := data[0], data[2:2+int(data[1])]
		data = data[2+int(data[1]):]
		var err error
		switch field {
		case fieldSpecial:
			if special == nil {
				special = value
			}
		case fieldRelay:
			r.addRelay(string(value))
		case fieldAuthor:
			if r.Type != TypeNprofile {
				r.PublicKey, err = hex32(value)
			}
		case fieldKind:
			if r.Type != TypeNprofile {
				r.Kind, err = readKind(value)
			}
		}
		if err != nil {
			return err
		}
	}
	if special == nil {
		return fmt.Errorf("the %s names nothing: its main field is missing", r.Type)
	}
	return r.finish(special)
}

func (r *Reference) finish(special []byte) (err error) {
	switch r.Type {
	case TypeNprofile:
		r.PublicKey, err = hex32(special)
	case TypeNevent:
		r.ID, err = hex32(special)
	case TypeNaddr:
		if r.PublicKey == "" || r.Kind < 0 {
			return errors.New("the naddr has no author or no kind")
		}
		r.Identifier = strings.ToValidUTF8(string(special), "\uFFFD")
		r.Address = fmt.Sprintf("%d:%s:%s", r.Kind, r.PublicKey, r.Identifier)
	}
	return err
}

func (r *Reference) addRelay(s string) {
	u, err := url.Parse(s)
	if err == nil && (u.Scheme == "wss" || u.Scheme == "ws") && u.Host != "" && len(r.Relays) < maxRelays {
		r.Relays = append(r.Relays, s)
	}
}

func readKind(value []byte) (int, error) {
	if len(value) != 4 {
		return 0, fmt.Errorf("the kind has %d bytes instead of 4", len(value))
	}
	kind := binary.BigEndian.Uint32(value)
	if kind > maxKind {
		return 0, fmt.Errorf("there is no kind %d", kind)
	}
	return int(kind), nil
}

func hex32(value []byte) (string, error) {
	if len(value) != 32 {
		return "", fmt.Errorf("a key or id has %d bytes instead of 32", len(value))
	}
	return hex.EncodeToString(value), nil
}
