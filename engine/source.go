package engine

import (
	"context"
	"errors"
	"time"

	"github.com/nbd-wtf/go-nostr"
)

// Source reads events from relays. Everything it delivers has the id that is the hash of its body and matches the
// filters asked for.
type Source interface {
	// Subscribe delivers events, stored and live, until ctx ends, whatever happens to the relays meanwhile. It
	// calls deliver from up to Query.Concurrency goroutines, in order per author. When deliver returns an error
	// the event counts as not handled and is delivered again later. Subscribe itself returns when the query is
	// made, with an error when it cannot be served at all; wait blocks until ctx has ended and all is over.
	Subscribe(ctx context.Context, q Query, deliver func(context.Context, Received) error) (wait func(), err error)
	// Fetch asks the relays for stored events, checks their signatures and returns them newest first. It waits
	// for the slowest relay or for ctx, but for a relay that is down only while the first connection is being made:
	// that is an [*Unreachable]. It fails only when no relay answered.
	Fetch(ctx context.Context, relays []string, filter nostr.Filter) ([]nostr.Event, error)
}

// As returns the source as an identity asks it: relays that want to know who fetches are told (NIP-42). A source that knows
// no identities stays as it is.
func As(s Source, pubkey string) Source {
	if known, ok := s.(interface{ As(pubkey string) Source }); ok {
		return known.As(pubkey)
	}
	return s
}

// Query is a standing wish for events.
type Query struct {
	// Stream names the positions of this query; each relay gets its own below it.
	Stream string
	// Pubkey is the identity that answers when a relay asks for authentication.
	Pubkey string
	// Relays are the addresses to listen to.
	Relays []string
	// Filters are joined by "or". Since and Limit are the source's business unless set.
	Filters nostr.Filters
	// MaxAge bounds how far back a resumed query reads; 0 means as far as the position.
	MaxAge time.Duration
	// Concurrency is how many events of different authors may be delivered side by side; at least 1.
	Concurrency int
	// Unwanted, when set, is asked about new events while many wait: those that it turns down are not delivered, so that a
	// burst of them takes no place from others. Nobody has checked their signatures. It must return at once.
	Unwanted func(r Received) bool
	// Ahead, when set, is told of events that must wait for others before they are delivered, so that what they need
	// can be fetched meanwhile. Nobody has checked their signatures. It must return at once.
	Ahead func(e *nostr.Event)
}

// Received is one event as a relay delivered it.
type Received struct {
	// Event must not be changed: other rules see the same one.
	Event *nostr.Event
	// Relay is the address of the relay that delivered it first.
	Relay string
	// Backlog says the event is older than the first start of the query on this relay.
	Backlog bool
	// Verify checks the signature, once, however many rules ask.
	Verify func() error
}

// Profile is what an author says of itself (kind 0).
type Profile struct {
	// Content is the text as it was signed, JSON if the author did it right.
	Content string
	// Bot says that the author calls itself automated (NIP-24).
	Bot bool
	// At is when it was written, in the author's words.
	At time.Time
}

// Profiles knows what authors say of themselves.
type Profiles interface {
	// Find returns the newest profile, false when the relays have none. It waits for so long at most; without a wait it
	// returns what is known. The error is [ErrUnanswered] when nobody answered in time, or that of ctx.
	Find(ctx context.Context, pubkey string, wait time.Duration) (profile Profile, found bool, err error)
	// Expect asks for profiles that will be needed soon, and waits for nothing.
	Expect(ctx context.Context, pubkeys ...string)
	// Known returns what is known, and asks nobody.
	Known(pubkey string) (profile Profile, found bool)
}

// ErrUnanswered says that no relay answered a look-up in time.
var ErrUnanswered = errors.New("no relay answered")
