package config

import (
	"slices"

	"gopkg.in/yaml.v3"

	"rhea/engine/expression"
)

// unknownKey reports a key that is none here, with the one that may be meant.
func (d *decoder) unknownKey(n *yaml.Node, name string, known []string) {
	hint := "the keys here are " + listed(known)
	if near := expression.Nearest(name, known); near != "" {
		hint = "did you mean " + near + "?"
	} else if ours := elsewhere(name); slices.Contains(known, ours) {
		hint = "did you mean " + ours + "?"
	} else if len(known) == 0 {
		hint = "there are no keys here"
	}
	d.failAt(n, "unknown-key", "unknown key "+name, hint)
}

// elsewhere is our word for one that other programs with rules use; "" for none.
func elsewhere(word string) string {
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
