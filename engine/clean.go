package engine

import (
	"regexp"
	"strings"
	"unicode/utf8"
)

// secretForm matches keys as people paste them: nsec1… and ncryptsec1… (NIP-19, NIP-49), in part where a word begins, and
// whole ones wherever they stand.
var secretForm = regexp.MustCompile(`(?i)(\b(nsec|ncryptsec)1[qpzry9x8gf2tvdw0s3jn54khce6mua7l]{6,}|` +
	`(nsec|ncryptsec)1[qpzry9x8gf2tvdw0s3jn54khce6mua7l]{58,})`)

// Clean makes a text fit for an event: valid UTF-8, because anything else is hashed differently by every relay;
// no control characters but newline and tab, because encoders disagree on them; "\n" for every line break.
func Clean(s string) string {
	if !utf8.ValidString(s) {
		s = strings.ToValidUTF8(s, "\uFFFD")
	}
	s = strings.ReplaceAll(s, "\r\n", "\n")
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\n', r == '\t':
			return r
		case r == '\r':
			return '\n'
		case r < 0x20, r == 0x7f, 0x80 <= r && r < 0xa0:
			return -1
		}
		return r
	}, s)
}

// Redact replaces secret keys in a text.
func Redact(s string) string {
	// Nearly no text has one, so the expression runs only where the word before the separator is right.
	for at := 0; ; {
		i := strings.IndexByte(s[at:], '1')
		if i < 0 {
			return s
		}
		if at += i; at >= 4 && strings.EqualFold(s[at-3:at], "sec") {
			return secretForm.ReplaceAllString(s, redacted)
		}
		at++
	}
}
