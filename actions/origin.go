package actions

import (
	"time"

	"github.com/nbd-wtf/go-nostr"

	"rhea/engine"
)

// proxied is data that came from outside Nostr.
type proxied interface {
	// Proxy returns the item's id there and the name of the protocol, such as rss (NIP-48).
	Proxy() (id, protocol string)
}

// referring is data that has a web page.
type referring interface {
	// Reference returns the address of the page.
	Reference() (address string, ok bool)
}

// identified is data about something that may come again, changed.
type identified interface {
	// Identity returns a key that stays when the rest changes, and when it was first published, zero if unknown.
	Identity() (key string, published time.Time)
}

// described is data that knows the files it names.
type described interface {
	// File returns the media type and the size in bytes of a file, "" and 0 for what it does not know.
	File(address string) (mediaType string, size int)
}

// addOrigin adds where an event comes from that did not originate on Nostr: the proxy tag names the item, the r tag its
// page, under which clients find what was said about it.
func addOrigin(d *engine.Draft, run engine.Run) {
	if origin := proxyTag(run); origin != nil {
		d.Tags = append(d.Tags, origin)
	}
	if page, ok := run.Data.(referring); ok {
		if address, ok := page.Reference(); ok && isWebAddress(address) && len(address) <= 4*maxTagValue {
			d.Tags = addTag(d.Tags, nostr.Tag{"r", address})
		}
	}
}

// proxyTag returns nil for what comes from Nostr.
func proxyTag(run engine.Run) nostr.Tag {
	origin, ok := run.Data.(proxied)
	if !ok {
		return nil
	}
	id, protocol := origin.Proxy()
	if id == "" || protocol == "" || len(id) > 4*maxTagValue {
		return nil
	}
	return nostr.Tag{"proxy", id, protocol}
}
