package engine

import (
	"time"

	"github.com/nbd-wtf/go-nostr"
)

// What actions may ask of the data of a signal, besides its variables. Data implements what it can answer.

// Answering is [Data] of a signal that answers an event.
type Answering interface {
	// Answered returns the event that was answered, if it is known.
	Answered() (e *nostr.Event, ok bool)
}

// Proxied is [Data] that came from outside Nostr.
type Proxied interface {
	// Proxy returns the item's id there and the name of the protocol, such as rss (NIP-48).
	Proxy() (id, protocol string)
}

// Referring is [Data] that has a web page.
type Referring interface {
	// Reference returns the address of the page.
	Reference() (address string, ok bool)
}

// Identified is [Data] about something that may come again, changed.
type Identified interface {
	// Identity returns a key that stays when the rest changes, and when it was first published, zero if unknown.
	Identity() (key string, published time.Time)
}

// Described is [Data] that knows the files it names.
type Described interface {
	// File returns the media type and the size in bytes of a file, "" and 0 for what it does not know.
	File(address string) (mediaType string, size int)
}

// Titled is [Data] that has a title, by which people know it.
type Titled interface {
	Title() (title string, ok bool)
}
