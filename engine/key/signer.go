package key

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"unicode/utf8"

	"github.com/nbd-wtf/go-nostr"

	"rhea/engine"
)

// Signer signs as one identity. It is safe for concurrent use.
type Signer struct {
	pubkey string
	// sign holds the key: a function's variables are out of reach of fmt, slog and encoders.
	sign func(hash [32]byte) ([64]byte, error)
	// derive holds it too.
	derive      func(path string) (*scalar, error)
	fingerprint [sha256.Size]byte
}

var (
	_ engine.Signer        = (*Signer)(nil)
	_ engine.Fingerprinted = (*Signer)(nil)
)

// NewSigner makes a signer of an nsec or a hex key.
func NewSigner(secret engine.Secret) (*Signer, error) {
	d, err := parse(secret.Reveal())
	if err != nil {
		return nil, err
	}
	return newSigner(d), nil
}

func newSigner(d *scalar) *Signer {
	sign, x := newSchnorr(d)
	secret := d.Bytes()
	return &Signer{
		pubkey: hex.EncodeToString(x[:]), sign: sign, fingerprint: sha256.Sum256(secret[:]),
		derive: func(path string) (*scalar, error) { return derive(d, path) },
	}
}

// PublicKey is 64 lower-case hex characters.
func (s *Signer) PublicKey() string { return s.pubkey }

// Fingerprint is the SHA-256 hash of the secret key, by which it is recognised where it must not stand. Nothing leads
// from the hash to the key.
func (s *Signer) Fingerprint() [sha256.Size]byte { return s.fingerprint }

// Sign fills PubKey, ID and Sig of e. An event that relays would refuse for its shape is left as it is, with an
// error: a kind out of range, an empty tag, text that is not UTF-8.
func (s *Signer) Sign(_ context.Context, e *nostr.Event) error {
	if err := check(e); err != nil {
		return fmt.Errorf("signing: %w", err)
	}
	body := *e
	body.PubKey = s.pubkey
	if body.Tags == nil {
		body.Tags = nostr.Tags{}
	}
	hash := sha256.Sum256(body.Serialize())
	signature, err := s.sign(hash)
	if err != nil {
		return fmt.Errorf("signing: %w", err)
	}
	body.ID = hex.EncodeToString(hash[:])
	body.Sig = hex.EncodeToString(signature[:])
	*e = body
	return nil
}

func check(e *nostr.Event) error {
	if e.Kind < 0 || e.Kind > engine.MaxKind {
		return fmt.Errorf("there is no kind %d; kinds go from 0 to %d", e.Kind, engine.MaxKind)
	}
	if !utf8.ValidString(e.Content) {
		return errors.New("the content is not valid UTF-8")
	}
	for i, tag := range e.Tags {
		if len(tag) == 0 {
			return fmt.Errorf("tag %d is empty", i+1)
		}
		for _, value := range tag {
			if !utf8.ValidString(value) {
				return fmt.Errorf("tag %d is not valid UTF-8", i+1)
			}
		}
	}
	return nil
}

// Derive returns the signer of the key at path below parent, the same as that of an identity with { derive, path }. Path
// must not be empty.
func Derive(parent *Signer, path string) (*Signer, error) {
	if path == "" {
		return nil, errors.New("deriving a key: there is no path")
	}
	d, err := parent.derive(path)
	if err != nil {
		return nil, err
	}
	return newSigner(d), nil
}
