package pipeline

import (
	"slices"
	"strings"

	"rhea/engine"
)

// complete fills what deliveries of one entry say of each other: no more relays can be asked for than there are, and an
// event that another one names cannot be replaced.
func complete(deliveries []engine.Delivery) {
	relays := make(map[string][]string)
	for _, d := range deliveries {
		if !slices.Contains(relays[d.Event.ID], d.Relay) {
			relays[d.Event.ID] = append(relays[d.Event.ID], d.Relay)
		}
	}
	for i, d := range deliveries {
		deliveries[i].Quorum = min(max(d.Quorum, 1), len(relays[d.Event.ID]))
		deliveries[i].Fixed = len(relays) > 1 && named(d.Event.ID, deliveries)
	}
}

// named reports whether another event of the entry holds id.
func named(id string, deliveries []engine.Delivery) bool {
	for i, d := range deliveries {
		if d.Event.ID == id || (i > 0 && deliveries[i-1].Event.ID == d.Event.ID) {
			continue
		}
		if strings.Contains(d.Event.Content, id) {
			return true
		}
		for _, tag := range d.Event.Tags {
			if slices.Contains(tag, id) {
				return true
			}
		}
	}
	return false
}
