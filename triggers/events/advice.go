package events

import (
	"fmt"
	"slices"

	"github.com/nbd-wtf/go-nostr"

	"rhea/engine"
)

var _ engine.RuleAdviser = NostrConfig{}

// common are the kinds of which relays have many from everybody.
var common = []int{
	nostr.KindProfileMetadata, nostr.KindTextNote, nostr.KindFollowList, nostr.KindRepost, nostr.KindReaction, nostr.KindGenericRepost,
	kindComment, nostr.KindZap,
}

// AdviseRule implements [engine.RuleAdviser]: whoever answers all that everybody writes is not loved for it.
func (c NostrConfig) AdviseRule(r *engine.Rule) error {
	filters := c.Filters
	if filters == nil {
		filters = []Filter{c.Filter}
	}
	answers := slices.ContainsFunc(r.Unguarded(), func(s engine.Step) bool {
		a, ok := s.Action.(engine.EventAction)
		return ok && a.NeedsEvent()
	})
	wide := slices.IndexFunc(filters, Filter.isEverybody)
	if !answers || wide < 0 {
		return nil
	}
	path := "kinds"
	if c.Filters != nil {
		path = fmt.Sprintf("filters.%d.kinds", wide)
	}
	return engine.At(path, &engine.Advice{
		Code:    "answers-everybody",
		Message: "this answers everything of these kinds that anybody publishes on the relays",
		Hint:    "add an if:, or authors: or tags: here; limit: { rate: 10/1h } says that you mean it",
	})
}

// isEverybody reports whether a filter takes what everybody publishes all the time.
func (f Filter) isEverybody() bool {
	return f.Authors == nil && f.IDs == nil && f.Tags == nil && f.Search == "" &&
		slices.ContainsFunc(f.Kinds, func(k int) bool { return slices.Contains(common, k) })
}
