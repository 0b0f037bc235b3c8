package events

import (
	"errors"
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

// AdviseRule implements [engine.RuleAdviser].
func (c NostrConfig) AdviseRule(r *engine.Rule) error {
	filters, prefix := c.Filters, func(i int) string { return fmt.Sprintf("filters.%d.", i) }
	if filters == nil {
		filters, prefix = []Filter{c.Filter}, func(int) string { return "" }
	}
	failed := adviseCrowd(filters, prefix, r)
	for i, f := range filters {
		if slices.Contains(f.Authors, selfName) {
			failed = errors.Join(failed, engine.At(prefix(i)+"authors", &engine.Advice{
				Code:    "own-events",
				Message: "a rule never acts on what its own identity has written, so self finds nothing here",
				Hint:    "the trigger reply hears answers to it; tags: { p: [self] } finds what names it",
			}))
		}
	}
	return failed
}

// adviseCrowd warns of a rule that answers all that everybody writes.
func adviseCrowd(filters []Filter, prefix func(int) string, r *engine.Rule) error {
	answers := slices.ContainsFunc(r.Unguarded(), func(s engine.Step) bool {
		a, ok := s.Action.(engine.EventAction)
		return ok && a.NeedsEvent()
	})
	wide := slices.IndexFunc(filters, Filter.isEverybody)
	if !answers || wide < 0 {
		return nil
	}
	return engine.At(prefix(wide)+"kinds", &engine.Advice{
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
