package local

import (
	"time"

	"github.com/nbd-wtf/go-nostr"
)

// Options configure a relay. With the zero value it accepts every valid event.
type Options struct {
	// Name is shown in the relay information.
	Name string
	// MaxEvents is how many events are kept, and MaxBytes their size together; the oldest go first.
	// 0 means 10,000 and 64 MiB.
	MaxEvents, MaxBytes int
	// MaxClients is how many connections are served at once; 0 means 128.
	MaxClients int
	// MaxLimit is how many stored events one filter gets at most; 0 means 500. DefaultLimit is how many a filter
	// without a limit gets, and MaxAnswer how many all filters of a REQ get together, the first ones first; 0 means no
	// further bound.
	MaxLimit, DefaultLimit, MaxAnswer int
	// MaxSubscriptions is how many subscriptions a client may have; 0 means 64.
	MaxSubscriptions int
	// MaxMessage is the longest message of a client in bytes; 0 means 256 KiB.
	MaxMessage int64
	// AuthToRead and AuthToWrite answer auth-required until the client has authenticated (NIP-42).
	AuthToRead, AuthToWrite bool
	// Accepted, when set, is called for every event that is accepted for the first time, in order. It must return
	// quickly and not call the relay.
	Accepted func(nostr.Event)
}

const (
	maxFilters = 32
	maxTags    = 2000
	maxFuture  = 15 * time.Minute
)
