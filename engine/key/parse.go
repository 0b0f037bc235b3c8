package key

import (
	"crypto/rand"
	"encoding/hex"
	"strings"

	"github.com/btcsuite/btcd/btcutil/bech32"

	"rhea/engine"
)

// Generate makes a new key.
func Generate() (nsec engine.Secret, npub string) {
	for {
		var seed [32]byte
		// Read of crypto/rand never fails.
		_, _ = rand.Read(seed[:])
		if d, err := toScalar(seed[:]); err == nil {
			return toNsec(d), toNpub(d)
		}
	}
}

// ParseSecret reads a secret key, written as nsec or as 64 hex characters, and returns it as nsec.
func ParseSecret(s string) (nsec engine.Secret, err error) {
	d, err := parse(s)
	if err != nil {
		return engine.Secret{}, err
	}
	return toNsec(d), nil
}

// Npub returns the public name of a secret key.
func Npub(nsec engine.Secret) (string, error) {
	d, err := parse(nsec.Reveal())
	if err != nil {
		return "", err
	}
	return toNpub(d), nil
}

func parse(s string) (*scalar, error) {
	s = strings.TrimSpace(s)
	if len(s) == 64 {
		data, err := hex.DecodeString(s)
		if err != nil {
			return nil, errForm
		}
		return toScalar(data)
	}
	prefix, data, err := decode(s)
	if err != nil && strings.HasPrefix(strings.ToLower(s), prefixSecret+"1") {
		return nil, errTyped
	}
	if err != nil {
		return nil, errForm
	}
	switch prefix {
	case prefixSecret:
		return toScalar(data)
	case prefixPublic:
		return nil, errPublic
	case prefixLocked:
		return nil, errLocked
	}
	return nil, errForm
}

func toNsec(d *scalar) engine.Secret {
	data := d.Bytes()
	return engine.NewSecret(encode(prefixSecret, data[:]))
}

func toNpub(d *scalar) string {
	_, x := publicKey(d)
	return encode(prefixPublic, x[:])
}

// maxLength is more than any key needs.
const maxLength = 1000

// decode returns the prefix and the bytes behind a bech32 text. What is wrong with it is not said, since the text may
// be a mistyped key.
func decode(s string) (prefix string, data []byte, err error) {
	if len(s) > maxLength {
		return "", nil, errForm
	}
	prefix, digits, err := bech32.DecodeNoLimit(s)
	if err != nil {
		return "", nil, errForm
	}
	// The library also takes the checksum of bech32m, which NIP-19 does not have.
	if again, err := bech32.Encode(prefix, digits); err != nil || again != strings.ToLower(s) {
		return "", nil, errForm
	}
	data, err = bech32.ConvertBits(digits, 5, 8, false)
	if err != nil {
		return "", nil, errForm
	}
	return prefix, data, nil
}

// encode writes data as bech32 text.
func encode(prefix string, data []byte) string {
	// Whole bytes always convert, and the prefixes are ours.
	digits, _ := bech32.ConvertBits(data, 8, 5, true)
	s, _ := bech32.Encode(prefix, digits)
	return s
}
