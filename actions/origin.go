package actions

import (
	"github.com/nbd-wtf/go-nostr"

	"rhea/engine"
)

// addOrigin adds where an event comes from that did not originate on Nostr: the proxy tag names the item, the r tag its
// page, under which clients find what was said about it.
func addOrigin(d *engine.Draft, run engine.Run) {
	if origin := proxyTag(run); origin != nil {
		d.Tags = append(d.Tags, origin)
	}
	if page, ok := run.Data.(engine.Referring); ok {
		if address, ok := page.Reference(); ok && isWebAddress(address) && len(address) <= 4*maxTagValue {
			d.Tags = addTag(d.Tags, nostr.Tag{"r", address})
		}
	}
}

// proxyTag returns nil for what comes from Nostr.
func proxyTag(run engine.Run) nostr.Tag {
	origin, ok := run.Data.(engine.Proxied)
	if !ok {
		return nil
	}
	id, protocol := origin.Proxy()
	if id == "" || protocol == "" || len(id) > 4*maxTagValue {
		return nil
	}
	return nostr.Tag{"proxy", id, protocol}
}
