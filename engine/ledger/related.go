package ledger

import (
	"slices"

	"github.com/nbd-wtf/go-nostr"

	"rhea/engine"
)

// related reports whether two events must reach a relay in order even when it refuses the first one: a deletion and
// anything else, versions of one address, and an event that another one names.
func related(a, b *nostr.Event) bool {
	if a.Kind == nostr.KindDeletion || b.Kind == nostr.KindDeletion || a.ID == b.ID {
		return true
	}
	x, y := engine.Address(a), engine.Address(b)
	return x != "" && x == y || names(a, b.ID, y) || names(b, a.ID, x)
}

// names reports whether an event names another one by its id or its address (NIP-01, NIP-18, NIP-22).
func names(e *nostr.Event, id, address string) bool {
	return slices.ContainsFunc(e.Tags, func(tag nostr.Tag) bool {
		if len(tag) < 2 {
			return false
		}
		switch tag[0] {
		case "e", "E", "q":
			return tag[1] == id || address != "" && tag[1] == address
		case "a", "A":
			return address != "" && tag[1] == address
		}
		return false
	})
}
