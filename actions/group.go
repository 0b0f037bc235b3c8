package actions

import (
	"github.com/nbd-wtf/go-nostr"

	"rhea/engine"
)

// keepInGroup keeps what is about a group's event in the group, on the one relay that the group lives on (NIP-29):
// what was said in a closed group must not leave it.
func keepInGroup(d *engine.Draft, about found, run engine.Run) {
	group := firstTag(about.Tags, "h")
	if group == nil || group[1] == "" || len(group[1]) > maxTagValue {
		return
	}
	d.Tags = addTag(d.Tags, nostr.Tag{"h", group[1]})
	// A relay that only a stranger's reference names is not published to.
	for _, relay := range append([]string{run.Relay}, run.Relays...) {
		if about.relay != "" && hint(relay) == about.relay {
			d.Relays = []string{relay}
			return
		}
	}
}
