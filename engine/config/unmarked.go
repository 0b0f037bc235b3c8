package config

import (
	"slices"

	"rhea/engine"
)

// Unmarked is an identity that answers people and says nothing about itself.
type Unmarked struct {
	Identity Identity
	// Rules are those that answer, in the order of the text.
	Rules []*engine.Rule
}

// Unmarked lists the identities that answer people, and have no profile in the configuration nor do without one
// (profile: false). Others cannot see that they are bots. What only publishes answers nobody.
func (f *File) Unmarked() []Unmarked {
	var all []Unmarked
	for _, id := range f.Identities {
		if id.Profile != nil || id.NoProfile {
			continue
		}
		u := Unmarked{Identity: id}
		for i := range f.Rules {
			if answersAs(&f.Rules[i], id.Name) {
				u.Rules = append(u.Rules, &f.Rules[i])
			}
		}
		if len(u.Rules) > 0 {
			all = append(all, u)
		}
	}
	return all
}

// answersAs reports whether a rule answers other people's events with something about them, as an identity.
func answersAs(r *engine.Rule, identity string) bool {
	if r.Disabled || r.DryRun || !slices.ContainsFunc(r.Triggers, func(t engine.RuleTrigger) bool { return t.Kind.Answers }) {
		return false
	}
	return slices.ContainsFunc(r.Steps, func(s engine.Step) bool {
		own := s.Identity == identity || s.Identity == "" && r.Identity == identity && r.Derived == nil
		a, ok := s.Action.(engine.EventAction)
		return own && ok && a.NeedsEvent()
	})
}
