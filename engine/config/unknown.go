package config

import (
	"slices"

	"gopkg.in/yaml.v3"

	"rhea/engine/expression"
)

// unknownKey reports a key that is none here, with the one that may be meant.
func (d *decoder) unknownKey(e entry, known []string) {
	hint := "the keys here are " + listed(known)
	if near := expression.Nearest(e.name, known); near != "" {
		hint = "did you mean " + near + "?"
	} else if ours := elsewhere(e.name, e.value); slices.Contains(known, ours) {
		hint = "did you mean " + ours + "?"
	} else if tag := tagHint(e.name, known); tag != "" {
		hint = tag
	} else if len(known) == 0 {
		hint = "there are no keys here"
	}
	d.failAt(e.key, "unknown-key", "unknown key "+e.name, hint)
}

// elsewhere is our word for one that other programs with rules use; "" for none.
func elsewhere(word string, value *yaml.Node) string {
	if word == "when" && value.Kind != yaml.ScalarNode {
		return "trigger" // What happens is a map; what holds is an expression.
	}
	switch word {
	case "on", "triggers", "event", "events", "source":
		return "trigger"
	case "when", "condition", "conditions", "filter", "where", "unless":
		return "if"
	case "do", "then", "steps", "action", "run", "sequence":
		return "actions"
	case "alias", "title":
		return "name"
	case "rate_limit", "throttle", "cooldown":
		return "limit"
	case "disabled":
		return "enabled"
	}
	return ""
}
