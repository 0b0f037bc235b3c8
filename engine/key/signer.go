package key

import (
	"context"

	"github.com/nbd-wtf/go-nostr"

	"rhea/engine"
)

// Signer signs as one identity. It is safe for concurrent use.
type Signer struct{ pubkey string }

var _ engine.Signer = (*Signer)(nil)

// NewSigner makes a signer of an nsec or a hex key.
func NewSigner(secret engine.Secret) (*Signer, error) { return nil, errUnfinished }

// PublicKey is 64 lower-case hex characters.
func (s *Signer) PublicKey() string { return s.pubkey }

// Sign fills PubKey, ID and Sig of e.
func (s *Signer) Sign(ctx context.Context, e *nostr.Event) error { return errUnfinished }
