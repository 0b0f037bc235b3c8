package profile

import (
	"github.com/nbd-wtf/go-nostr"

	"rhea/engine"
)

const (
	kindProfile  = 0
	kindRelays   = 10002
	kindDMRelays = 10050
)

// Identity is what one identity says about itself.
type Identity struct {
	// Name is the identity's name in the configuration.
	Name string
	// Fields are the fields of its profile; nil leaves the profile alone.
	Fields map[string]any
	// Inbox and Outbox are where it reads and writes (kind 10002), DMRelays where private messages reach it
	// (kind 10050). Empty lists are left alone.
	Inbox, Outbox, DMRelays []string
	// Relays are where all of it is published and looked up.
	Relays []string
	// PoW is what may be spent for a relay that wants proof of work; the zero value is the default of rules.
	PoW engine.PoWBudget
}

func (id Identity) desired() []desired {
	var all []desired
	if id.Fields != nil {
		all = append(all, desired{kindProfile, func(content string, tags nostr.Tags) (string, nostr.Tags, bool) {
			next, differs := merge(content, id.Fields)
			return next, tags, differs
		}})
	}
	if len(id.Inbox)+len(id.Outbox) > 0 {
		all = append(all, desiredList(kindRelays, "r", relayTags(id.Inbox, id.Outbox)))
	}
	if len(id.DMRelays) > 0 {
		var tags nostr.Tags
		for _, url := range id.DMRelays {
			tags = append(tags, nostr.Tag{"relay", engine.PublicRelay(url)})
		}
		all = append(all, desiredList(kindDMRelays, "relay", tags))
	}
	return all
}
