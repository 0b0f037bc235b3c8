package profile

import (
	"github.com/nbd-wtf/go-nostr"

	"rhea/engine"
)

// Identity is what one identity says about itself.
type Identity struct {
	// Name is the identity's name in the configuration.
	Name string
	// Fields are the fields of its profile; nil leaves the profile alone, but for Mark.
	Fields map[string]any
	// Mark says that the identity is a bot, where nobody has written what its profile should say: a profile that is there
	// is marked, and where there is none the identity gets this name. "" marks nothing.
	Mark string
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
	switch {
	case id.Fields != nil:
		all = append(all, desired{kind: kindProfile, change: func(is *nostr.Event) (string, nostr.Tags, bool) {
			next, differs := merge(is.Content, id.Fields)
			return next, is.Tags, differs
		}})
	case id.Mark != "":
		all = append(all, desiredMark(id.Mark))
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
