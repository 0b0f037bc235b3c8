package key

import (
	"crypto/rand"
	"encoding/hex"
	"strings"

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
