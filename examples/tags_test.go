package examples_test

import (
	"slices"
	"testing"

	"github.com/nbd-wtf/go-nostr"
)

// hasTags asks that the event has tags that begin with each of these.
func hasTags(t *testing.T, e nostr.Event, want nostr.Tags) {
	t.Helper()
	for _, w := range want {
		if !slices.ContainsFunc(e.Tags, func(tag nostr.Tag) bool {
			return len(tag) >= len(w) && slices.Equal(tag[:len(w)], w)
		}) {
			t.Errorf("there is no tag %v among %v", w, e.Tags)
		}
	}
}

// tagsOf returns the values of all tags of a name.
func tagsOf(e nostr.Event, name string) []string {
	var values []string
	for _, tag := range e.Tags {
		if len(tag) > 1 && tag[0] == name {
			values = append(values, tag[1])
		}
	}
	return values
}

// hasMarker asks that the event points to another one with a marker (NIP-10).
func hasMarker(t *testing.T, e nostr.Event, id, marker string) {
	t.Helper()
	if !slices.ContainsFunc(e.Tags, func(tag nostr.Tag) bool {
		return len(tag) > 3 && tag[0] == "e" && tag[1] == id && tag[3] == marker
	}) {
		t.Errorf("there is no e tag for %s with the marker %s among %v", id, marker, e.Tags)
	}
}
