package relay

import (
	"testing"

	"github.com/nbd-wtf/go-nostr"
)

// TestARefusalRaisesNoLimit checks that a refusal of one of many subscriptions, which cannot be merged, leaves a lower
// limit in place.
func TestARefusalRaisesNoLimit(t *testing.T) {
	t.Parallel()
	p := newPlanner(t.Context(), &session{}, nil)
	p.limits.subscriptions = 3
	var last *group
	for _, word := range []string{"a", "b", "c", "d", "e", "f"} {
		sub := &subscriber{stream: word, class: search, isolated: true, filters: nostr.Filters{{Search: word}}}
		last = &group{planner: p, subscribers: map[*subscriber]bool{sub: true}}
		p.groups[last] = true
	}
	if p.tooMany(last) {
		t.Error("fewer subscriptions suffice, want them to be as few as they can be")
	}
	if got := p.limits.subscriptions; got != 3 {
		t.Errorf("the relay takes %d subscriptions, want 3 as before", got)
	}
}
