package relaylist

import (
	"slices"

	"github.com/nbd-wtf/go-nostr"
)

// maxTags is how many r tags of a list are looked at.
const maxTags = 100

// list is where one person publishes and reads.
type list struct{ write, read []string }

// parse reads a kind 10002. A relay without a marker is for both; so is one with an empty marker, which some clients
// write. Other markers mean neither.
func parse(e nostr.Event, usable func(address string) (string, bool)) list {
	var l list
	add := func(to *[]string, relay string) {
		if !slices.Contains(*to, relay) {
			*to = append(*to, relay)
		}
	}
	for _, tag := range e.Tags[:min(len(e.Tags), maxTags)] {
		if len(tag) < 2 || tag[0] != "r" {
			continue
		}
		relay, ok := usable(tag[1])
		if !ok {
			continue
		}
		marker := ""
		if len(tag) > 2 {
			marker = tag[2]
		}
		if marker == "" || marker == "write" {
			add(&l.write, relay)
		}
		if marker == "" || marker == "read" {
			add(&l.read, relay)
		}
	}
	return l
}
