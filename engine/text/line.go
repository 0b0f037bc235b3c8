package text

import (
	"strings"
	"unicode"
)

// longLine is how much of a text is looked at to make one line of it, in bytes.
const longLine = 16 << 10

// Line makes one line of what may be a whole page of strangers' words, such as a name or a title: at most n characters,
// nothing invisible and nothing that turns the direction of text. "" if nothing is left.
func Line(s string, n int) string {
	s = strings.Map(func(r rune) rune {
		if unicode.Is(unicode.Bidi_Control, r) {
			return -1
		}
		return r
	}, clean(strings.ToValidUTF8(clip(s, longLine), "\uFFFD")))
	s = Truncate(strings.Join(strings.Fields(s), " "), n)
	// A character as a reader counts them may have any number of marks.
	if runes := []rune(s); len(runes) > 4*n {
		s = string(runes[:n])
	}
	return s
}
