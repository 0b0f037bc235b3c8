package relaylist

import (
	"context"
	"slices"

	"github.com/nbd-wtf/go-nostr"
)

const (
	// maxWrite is how many write relays of the author are used, maxRead how many read relays of one person.
	maxWrite = 8
	maxRead  = 3
	// maxPersons is how many of the people that an event tags are looked up, and maxTargets how many relays it goes to.
	maxPersons = 10
	maxTargets = 20
)

// Targets returns the relays for an event: the author's write relays as configured, or as published, or else the given
// ones; then a few read relays of everybody it tags.
func (l *Lists) Targets(ctx context.Context, event nostr.Event, orElse []string) []string {
	people := tagged(event)
	wanted := people
	targets := l.opts.Own[event.PubKey]
	if len(targets) == 0 {
		wanted = append([]string{event.PubKey}, people...)
	}
	lists := l.find(ctx, wanted)
	if len(targets) == 0 {
		targets = lists[event.PubKey].write
	}
	if len(targets) == 0 {
		targets = orElse
	} else {
		targets = targets[:min(len(targets), maxWrite)]
	}
	targets = slices.Clone(targets)
	for _, pubkey := range people {
		targets = reach(targets, lists[pubkey].read)
	}
	return targets
}

// reach adds some of the relays that a person reads, unless enough of them are there.
func reach(targets, read []string) []string {
	reached := 0
	for _, relay := range read {
		if slices.Contains(targets, relay) {
			reached++
		}
	}
	for _, relay := range read {
		if reached >= maxRead || len(targets) >= maxTargets {
			break
		}
		if !slices.Contains(targets, relay) {
			targets = append(targets, relay)
			reached++
		}
	}
	return targets
}

// tagged returns the people that an event tags, without its author.
func tagged(e nostr.Event) []string {
	var people []string
	for _, tag := range e.Tags {
		if len(tag) > 1 && tag[0] == "p" && nostr.IsValid32ByteHex(tag[1]) && tag[1] != e.PubKey && !slices.Contains(people, tag[1]) {
			people = append(people, tag[1])
		}
		if len(people) == maxPersons {
			break
		}
	}
	return people
}
