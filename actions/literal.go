package actions

import (
	"strings"

	"rhea/engine"
)

// literal returns what was written if it can be judged before it runs: present, and without an expression.
func literal(t engine.Text) (string, bool) {
	s := t.Source()
	return s, !t.IsZero() && !strings.Contains(s, "$")
}
