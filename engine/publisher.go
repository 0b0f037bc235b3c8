package engine

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/nbd-wtf/go-nostr"
)

// Publisher sends a signed event to one relay. Nil means that the relay has the event (accepted or duplicate). A
// [*Rejection] means that this relay will never take these bytes; a [*Later] names the earliest next try; a
// [*Refusal] is a no that may pass; an [*Unreachable] means that nothing was sent. After any other error nobody knows
// whether the relay has the event. Publish never changes the event.
type Publisher interface {
	Publish(ctx context.Context, relay string, event nostr.Event) error
}

// Pipeliner is a Publisher that can be given the next event for a relay before the answer to this one. What
// wraps one wraps both its methods.
type Pipeliner interface {
	// Pipeline is Publish. It calls sent as soon as the event has left: what is published to the relay by the same author
	// after that arrives after it.
	Pipeline(ctx context.Context, relay string, event nostr.Event, sent func()) error
}

// Waiter is a Publisher that can wait for a connection with a relay.
type Waiter interface {
	// Await returns nil as soon as an identity has a connection with the relay, and tries to make one until ctx ends.
	Await(ctx context.Context, relay, pubkey string) error
}

// Rejection is a relay's final no to an event.
type Rejection struct {
	// Code is what the no is about.
	Code OKCode
	// Reason is the relay's text with its prefix, such as "blocked: not on the list" (NIP-01). It is for people.
	Reason string
	// PoW is how many bits of work the relay wants, for CodePoW; 0 when it does not say.
	PoW int
	// NotBefore and NotAfter bound created_at, for CodeBadTimestamp, where the relay says how; zero without a bound.
	NotBefore, NotAfter time.Time
}

// OKCode is what a relay's no is about. The zero value is about these bytes: the relay may take any other.
type OKCode string

// The codes that say more than that an event is not taken (NIP-01, NIP-42).
const (
	CodePoW          OKCode = "pow"
	CodeBlocked      OKCode = "blocked"
	CodeRestricted   OKCode = "restricted"
	CodeAuthRequired OKCode = "auth-required"
	// CodeBadTimestamp says that created_at lies outside of what the relay takes. There is no prefix for it.
	CodeBadTimestamp OKCode = "bad_timestamp"
)

func (r *Rejection) Error() string { return "rejected: " + r.Reason }

// Refusal is a relay's no to an event that may be a yes later.
type Refusal struct {
	// Reason is the relay's text, such as "error: the database is locked".
	Reason string
}

func (r *Refusal) Error() string { return "refused: " + r.Reason }

// Unreachable says that there is no connection with a relay, so that nothing was sent.
type Unreachable struct{ Err error }

func (u *Unreachable) Error() string { return "unreachable: " + u.Err.Error() }

// Unwrap returns why there is no connection.
func (u *Unreachable) Unwrap() error { return u.Err }

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
	// FloodStop is the most that the identity may publish, on every rate; nil means [DefaultIdentityFlood]. All rules
	// that speak as an identity that would exceed it are held.
	FloodStop []Rate
}

// RelayLists knows where people publish and read (NIP-65).
type RelayLists interface {
	// Targets returns the relays for an event: those that its author publishes to, or else these when nobody knows
	// them, and those that the people it tags read. It takes a few seconds at most and makes do with what it knows.
	Targets(ctx context.Context, event nostr.Event, orElse []string) []string
}

// Relays is a list of relay addresses in a kind's configuration: addresses, or the name of a set that the
// configuration defines, already resolved and normalised.
type Relays []string

// PublicRelay returns the address of a relay as it may be published, in hints, names and lists: without its query, where
// services take tokens.
func PublicRelay(address string) string {
	public, _, _ := strings.Cut(address, "?")
	return public
}
