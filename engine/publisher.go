package engine

import (
	"context"
	"fmt"
	"time"

	"github.com/nbd-wtf/go-nostr"
)

// Publisher sends a signed event to one relay. Nil means that the relay has the event (accepted or duplicate).
// A [*Rejection] means that this relay will never take it; a [*Later] names the earliest next try; any other
// error is a passing fault and leads to a retry with backoff. Publish never changes the event.
type Publisher interface {
	Publish(ctx context.Context, relay string, event nostr.Event) error
}

// Rejection is a relay's final no to an event.
type Rejection struct {
	// Reason is the relay's text, such as "blocked: not on the list".
	Reason string
}

func (r *Rejection) Error() string { return "rejected: " + r.Reason }

// Later is a relay's request, or our own decision, to try again, not before After.
type Later struct {
	After  time.Duration
	Reason string
}

func (l *Later) Error() string { return fmt.Sprintf("try again in %s: %s", l.After, l.Reason) }

// Signer signs as one identity and never shows its key.
type Signer interface {
	// PublicKey is 64 lower-case hex characters.
	PublicKey() string
	// Sign fills PubKey, ID and Sig of e.
	Sign(ctx context.Context, e *nostr.Event) error
}

// Identity is a name of the configuration with its signer.
type Identity struct {
	Name string
	// Npub is the public key as people write it; engine knows no bech32.
	Npub   string
	Signer Signer
}
