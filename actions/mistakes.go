package actions

import (
	"strconv"
	"strings"

	"rhea/engine"
)

// literal returns what was written if it can be judged before it runs: present, and without an expression.
func literal(t engine.Text) (string, bool) {
	s := t.Source()
	return s, !t.IsZero() && !strings.Contains(s, "$")
}

// maxShown is how much of a value an error repeats.
const maxShown = 80

// shown quotes a value for an error: shortened, and without secret keys.
func shown(s string) string {
	s = engine.Redact(s)
	if r := []rune(s); len(r) > maxShown {
		s = string(r[:maxShown]) + "…"
	}
	return strconv.Quote(s)
}
