package profile

import (
	"maps"
	"slices"

	"github.com/nbd-wtf/go-nostr"

	"rhea/engine"
)

// look is what the relays have of one kind.
type look struct {
	// held is what each relay has that answered, nil for nothing.
	held map[string]*nostr.Event
	// missing are those that did not answer, and silent those of them that could be reached.
	missing, silent []string
}

func newestOf(events []nostr.Event) (newest *nostr.Event) {
	for i := range events {
		newest = newer(newest, &events[i])
	}
	return newest
}

// newer is the event that relays keep of two.
func newer(a, b *nostr.Event) *nostr.Event {
	if a == nil || b != nil && engine.Newer(b, a) {
		return b
	}
	return a
}

// newest is what readers who ask all these relays take for the present version.
func (l look) newest() (newest *nostr.Event) {
	for _, e := range l.held {
		newest = newer(newest, e)
	}
	return newest
}

// answered are the relays that did, in order.
func (l look) answered() []string {
	return slices.Sorted(maps.Keys(l.held))
}
