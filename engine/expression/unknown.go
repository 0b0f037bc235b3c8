package expression

import (
	"slices"
	"strings"
)

// offers begins the hint that lists what there is.
const offers = "this trigger offers "

// unknown is a name that is not offered, with all that is.
type unknown struct {
	name string
	// called is true when it stands like a function, operand when a text is compared with it.
	called, operand bool
	// names are the variables, members theirs as paths, functions what can be called.
	names, members, functions []string
}

// hint suggests what may be meant.
func (u unknown) hint() string {
	if plainName(u.name) == "env" || plainName(u.name) == "getenv" {
		return "write ${NAME} outside of expressions"
	}
	if word := foreignFunction(u.name); u.called && word != "" {
		return "write " + word
	}
	if word := foreignName(u.name); !u.called && u.offers(word) {
		return "write " + word
	}
	if near := u.near(); near != "" {
		return "did you mean " + near + "?"
	}
	switch offered := offers + strings.Join(u.names, ", "); {
	case u.called:
		return "`rhea list functions` names all functions; " + offered
	case u.operand:
		return `a text stands in quotes: "` + u.name + `"`
	default:
		return offered
	}
}

// offers reports whether there is such a variable or value.
func (u unknown) offers(word string) bool {
	root, _, member := strings.Cut(word, ".")
	return word != "" && (!member && !slices.Contains(u.members, word) && (word == "nil" || word == "true" || word == "false") ||
		slices.Contains(u.names, root) && (!member || slices.Contains(u.members, word)))
}

// near is what the name is probably a slip of: what stands in its place first, then whatever else there is.
func (u unknown) near() string {
	if near := Nearest(u.name, u.names); near != "" && !u.called {
		return near
	}
	if member := u.member(); member != "" {
		return member
	}
	near := Nearest(u.name, append(slices.Clone(u.functions), u.names...))
	if u.called || slices.Contains(u.names, near) {
		return near
	}
	if distance(strings.ToLower(u.name), strings.ToLower(near), 1) <= 1 && len(u.name) > longestChance {
		return near + "(…)"
	}
	return ""
}

// longestChance is up to how many letters a word is like a function by chance.
const longestChance = 5

// member returns the variable that has a member of this name, or nearly: that of an event or an item first.
func (u unknown) member() string {
	roots := append([]string{"event", "item", "schedule"}, u.names...)
	for _, root := range roots {
		if path := root + "." + u.name; slices.Contains(u.members, path) {
			return path
		}
	}
	if u.called {
		return ""
	}
	for _, root := range roots[:3] {
		var names []string
		for _, m := range u.members {
			if name, ok := strings.CutPrefix(m, root+"."); ok {
				names = append(names, name)
			}
		}
		if near := Nearest(u.name, names); near != "" && len(u.name) > longestChance {
			return root + "." + near
		}
	}
	return ""
}
