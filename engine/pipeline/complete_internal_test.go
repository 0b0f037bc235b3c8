package pipeline

import (
	"slices"
	"testing"

	"github.com/nbd-wtf/go-nostr"

	"rhea/engine"
)

// TestComplete asks for more relays than there are, and names one event in another.
func TestComplete(t *testing.T) {
	t.Parallel()
	type delivery struct {
		id     string
		relay  string
		quorum int
		tag    string
		text   string
	}
	for name, tt := range map[string]struct {
		all    []delivery
		quorum []int
		fixed  []bool
	}{
		"two of two":            {[]delivery{{"x", "a", 2, "", ""}, {"x", "b", 2, "", ""}}, []int{2, 2}, []bool{false, false}},
		"three of two":          {[]delivery{{"x", "a", 3, "", ""}, {"x", "b", 3, "", ""}, {"x", "b", 3, "", ""}}, []int{2, 2, 2}, []bool{false, false, false}},
		"none":                  {[]delivery{{"x", "a", 0, "", ""}}, []int{1}, []bool{false}},
		"named in a tag":        {[]delivery{{"x", "a", 1, "", ""}, {"y", "a", 1, "x", ""}}, []int{1, 1}, []bool{true, false}},
		"named in a text":       {[]delivery{{"x", "a", 1, "", ""}, {"y", "a", 1, "", "see x."}}, []int{1, 1}, []bool{true, false}},
		"an event names itself": {[]delivery{{"x", "a", 1, "x", ""}, {"y", "a", 1, "", ""}}, []int{1, 1}, []bool{false, false}},
	} {
		var owed []engine.Delivery
		for _, d := range tt.all {
			e := nostr.Event{ID: d.id, Content: d.text}
			if d.tag != "" {
				e.Tags = nostr.Tags{{"e", d.tag}}
			}
			owed = append(owed, engine.Delivery{Event: e, Relay: d.relay, Quorum: d.quorum})
		}
		complete(owed)
		var quorum []int
		var fixed []bool
		for _, d := range owed {
			quorum, fixed = append(quorum, d.Quorum), append(fixed, d.Fixed)
		}
		if !slices.Equal(quorum, tt.quorum) || !slices.Equal(fixed, tt.fixed) {
			t.Errorf("%s: quorums %v, fixed %v, want %v and %v", name, quorum, fixed, tt.quorum, tt.fixed)
		}
	}
}
