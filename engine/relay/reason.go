package relay

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// The prefixes of reasons in OK and CLOSED (NIP-01, NIP-42, and what relays use beside them).
const (
	reasonDuplicate    = "duplicate"
	reasonAuthRequired = "auth-required"
	reasonRateLimited  = "rate-limited"
	reasonRestricted   = "restricted"
	reasonBlocked      = "blocked"
	reasonInvalid      = "invalid"
	reasonPow          = "pow"
	reasonReplaced     = "replaced"
	reasonDeleted      = "deleted"
	reasonMute         = "mute"
)

// prefix returns the machine-readable part of a reason, "" when it has none. strfry puts "ERROR: " before it, and
// the wish for authentication counts wherever it stands.
func prefix(reason string) string {
	if strings.Contains(reason, reasonAuthRequired) {
		return reasonAuthRequired
	}
	word, _, ok := strings.Cut(strings.TrimPrefix(reason, "ERROR: "), ":")
	if !ok {
		return ""
	}
	return word
}

// clip makes a relay's text fit for errors and logs: short, valid and without control characters.
func clip(text string) string {
	const most = 200
	rest := ""
	if len(text) > most {
		text, rest = text[:most], "…"
	}
	return strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || r == utf8.RuneError {
			return -1
		}
		return r
	}, text) + rest
}
