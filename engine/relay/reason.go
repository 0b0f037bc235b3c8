package relay

import (
	"regexp"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"rhea/engine"
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

// prefix returns the machine-readable part of a reason, "" when it has none. strfry puts "ERROR: " before it.
// auth-required counts wherever it stands.
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

// dateWords matches the words in which relays complain about created_at; there is no prefix for it.
var dateWords = regexp.MustCompile(`(?i)created_at|timestamp|too old|too (far|much) in the`)

// code is the subject of a refusal.
func (a answer) code() engine.OKCode {
	word := prefix(a.reason)
	switch {
	case word == reasonPow:
		return engine.CodePoW
	case word == reasonAuthRequired:
		return engine.CodeAuthRequired
	case !a.notBefore.IsZero(), !a.notAfter.IsZero(), dateWords.MatchString(clip(a.reason)):
		return engine.CodeBadTimestamp
	case word == reasonBlocked:
		return engine.CodeBlocked
	case word == reasonRestricted:
		return engine.CodeRestricted
	}
	return ""
}

// maxBits is the most work that an id can hold.
const maxBits = 256

// bitNumber matches numbers of up to three digits that stand alone, as bits do, not digits of an id.
var bitNumber = regexp.MustCompile(`\b(\d{1,3})(?:bits?)?\b`)

// bitsIn finds the bits that a relay demands: the largest plausible number ("difficulty 20 is less than 28").
func bitsIn(reason string) int {
	bits := 0
	for _, found := range bitNumber.FindAllStringSubmatch(reason, -1) {
		if n, err := strconv.Atoi(found[1]); err == nil && n <= maxBits {
			bits = max(bits, n)
		}
	}
	return bits
}

// clip makes the text of a relay safe for errors and logs: short, valid and without control characters.
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
