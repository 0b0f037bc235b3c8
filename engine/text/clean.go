package text

import (
	"strings"
	"unicode"
)

// clean repairs invalid UTF-8 and removes what is invisible and does no good in a note: control characters, byte
// order marks, zero-width spaces, soft hyphens.
func clean(s string) string {
	return strings.Map(func(r rune) rune {
		switch r {
		case '\n', '\t':
			return r
		case '\r':
			return -1
		case '\u00ad', '\u200b', '\ufeff':
			return -1
		}
		if unicode.IsControl(r) {
			return -1
		}
		return r
	}, s)
}
