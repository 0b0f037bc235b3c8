package text

import (
	"strings"
	"unicode"
)

// joiner is invisible, has no width and is part of no name: what it stands in is read as before, but no longer
// recognised by programs.
const joiner = "\u2060"

var (
	// secrets are replaced, wherever they stand.
	secrets = pattern(`(?i)(?:nsec1|ncryptsec1)[a-z0-9]{16,}|(?:nostr\+walletconnect|bunker)://\S+`)
	// active is what programs act upon, beside # and @; the joiner goes behind the first character.
	active = pattern(`^(?i)(?:(?:npub|nprofile|nevent|note|naddr|nrelay)1[a-z0-9]|ln(?:bc|tb|bcrt|tbs|url)[a-z0-9]|cashu[abc][a-z0-9])`)
)

// Sanitize makes strangers' words harmless in a note that we sign. References to people and events,
// @mentions, #hashtags, invoices and ecash tokens get an invisible character (U+2060) behind their first one: they
// look the same and do nothing. Secret keys and connection strings become [redacted]. Control characters and marks
// that turn the direction of text are removed. Web addresses stay whole.
func Sanitize(s string) string {
	s = strings.Map(visible, strings.ToValidUTF8(s, "\uFFFD"))
	if mayHoldSecret(s) {
		s = secrets().ReplaceAllString(s, "[redacted]")
	}
	inAddress := within(addresses(s))
	var out strings.Builder
	done := 0
	for place := range len(s) {
		if isActive(s[place:]) && !inAddress(place) && !isMail(s, place) {
			// What follows the first character may be active too; # and @ and the first letter of a name are one byte.
			out.WriteString(s[done:place+1] + joiner)
			done = place + 1
		}
	}
	out.WriteString(s[done:])
	return out.String()
}

// mayHoldSecret keeps the expression away from nearly all texts: it is slow.
func mayHoldSecret(s string) bool {
	s = strings.ToLower(s)
	return strings.Contains(s, "sec1") || strings.Contains(s, "bunker://") || strings.Contains(s, "walletconnect://")
}

// maxActive is more than it takes to recognise what is active.
const maxActive = 16

// isActive reports whether s begins with what programs act upon.
func isActive(s string) bool {
	switch s[0] {
	case '#', '@':
		return len(s) > 1 && (s[1] == '[' || isWord(firstRune(s[1:])))
	case 'n', 'N', 'l', 'L', 'c', 'C':
		return active().MatchString(clip(s, maxActive))
	}
	return false
}

// isMail recognises the @ of a mail address.
func isMail(s string, place int) bool {
	return s[place] == '@' && place > 0 && isWord(lastRune(s[:place]))
}

func visible(r rune) rune {
	if r == '\n' || r == '\t' {
		return r
	}
	if unicode.IsControl(r) || 0x202a <= r && r <= 0x202e || 0x2066 <= r && r <= 0x2069 {
		return -1
	}
	return r
}
