package actions

import (
	"strconv"

	"rhea/engine"
)

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
