package config

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/nbd-wtf/go-nostr"

	"rhea/engine"
	"rhea/engine/expression"
)

// answerer is a rule that writes answers, as far as it matters for whether another one answers the same.
type answerer struct {
	rule *engine.Rule
	// hears are the events, on are the conditions.
	hears nostr.Filters
	on    []string
}

// wordy are the actions that answer with words: two of them on one event are one too many.
var wordy = []string{"reply", "quote"}

// answerers are the rules that may answer, by identity and action.
type answerers map[string][]answerer

// maxCompared is with how many rules before it one is compared.
const maxCompared = 100

// collect takes in a rule, and says which earlier one answers what it answers; "" for none.
func (all answerers) collect(rule *engine.Rule) (message, hint string) {
	if rule.Disabled || rule.DryRun || rule.Derived != nil {
		return "", ""
	}
	a := answerer{rule: rule}
	for _, t := range rule.Triggers {
		if l, ok := t.Config.(engine.Listening); ok {
			a.hears = append(a.hears, l.Listens(rule.Identity)...)
		}
	}
	for _, c := range rule.If {
		a.on = append(a.on, strings.TrimSpace(c.Source()))
	}
	for _, s := range rule.Steps {
		own := a
		if !s.If.IsZero() {
			own.on = append(slices.Clone(a.on), strings.TrimSpace(s.If.Source()))
		}
		if slices.Contains(wordy, s.Kind) && message == "" {
			message, hint = all.add(s, own)
		}
	}
	return message, hint
}

func (all answerers) add(s engine.Step, a answerer) (message, hint string) {
	identity := cmp.Or(s.Identity, a.rule.Identity)
	key := identity + " " + s.Kind
	earlier := all[key]
	all[key] = append(earlier, a)
	i := slices.IndexFunc(earlier[max(0, len(earlier)-maxCompared):], func(other answerer) bool {
		return other.rule != a.rule && a.sameAs(other)
	})
	if i < 0 {
		return "", ""
	}
	other := earlier[max(0, len(earlier)-maxCompared)+i]
	hint = "make one rule of both, or add to one of them an if: that leaves out what the other answers"
	if a.triggers() != other.triggers() {
		hint = `write if: event.parent_id == "" at the one that is not for replies, or make one rule of both`
	}
	return fmt.Sprintf("%s answers the same events in the rule %s (%s): people get two answers", identity, other.rule.Name, other.rule.Place), hint
}

// sameAs reports whether both answer the same without doubt: when they hear the same, and one of them answers all of it or
// both ask the same.
func (a answerer) sameAs(b answerer) bool {
	if !overlap(a.hears, b.hears) || len(a.on) > 0 && len(b.on) > 0 && !slices.Equal(a.on, b.on) {
		return false
	}
	return !a.excludes(b) && !b.excludes(a)
}

// excludes reports whether a condition leaves out what another rule hears.
func (a answerer) excludes(b answerer) bool {
	kinds := expression.Demand{Subject: "event.kind"}
	for _, f := range b.hears {
		for _, k := range f.Kinds {
			kinds.OneOf = append(kinds.OneOf, float64(k))
		}
	}
	thread := func(condition string) bool {
		return strings.Contains(condition, "parent") || strings.Contains(condition, "root_id")
	}
	for _, condition := range a.on {
		if a.triggers() != b.triggers() && thread(condition) {
			return true
		}
		for _, d := range expression.Demands(condition) {
			if len(kinds.OneOf) > 0 && d.Contradicts(kinds) {
				return true
			}
		}
	}
	return false
}

// triggers are the kinds of triggers of the rule.
func (a answerer) triggers() string {
	var names []string
	for _, t := range a.rule.Triggers {
		names = append(names, t.Kind.Name)
	}
	slices.Sort(names)
	return strings.Join(slices.Compact(names), " ")
}

// overlap reports whether some filters ask for the same in the same way: the same keys, with a value in common each.
func overlap(a, b nostr.Filters) bool {
	return slices.ContainsFunc(a, func(f nostr.Filter) bool {
		return slices.ContainsFunc(b, func(g nostr.Filter) bool { return alike(f, g) })
	})
}

func alike(f, g nostr.Filter) bool {
	if len(f.Kinds) > 0 && len(g.Kinds) > 0 && !common(f.Kinds, g.Kinds) ||
		f.Search != g.Search || !alikeList(f.Authors, g.Authors) || !alikeList(f.IDs, g.IDs) || len(f.Tags) != len(g.Tags) {
		return false
	}
	for name := range maps.Keys(f.Tags) {
		if values, ok := g.Tags[name]; !ok || !alikeList(f.Tags[name], values) {
			return false
		}
	}
	return true
}

// alikeList reports whether both lists ask for nothing, or for something in common.
func alikeList(a, b []string) bool {
	return len(a) == 0 && len(b) == 0 || common(a, b)
}

func common[T comparable](a, b []T) bool {
	return slices.ContainsFunc(a, func(v T) bool { return slices.Contains(b, v) })
}
