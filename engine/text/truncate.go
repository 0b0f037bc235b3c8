package text

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/rivo/uniseg"
)

// uncut matches what is worthless when it is cut: addresses and references.
var uncut = pattern(`(?i)\b(?:https?://|nostr:)\S+`)

// Truncate shortens s to at most n characters as a reader counts them, the … included. It cuts between words, and
// within one only if there is nothing else to keep or its script has no spaces. An address or nostr: reference that
// does not fit is dropped whole.
func Truncate(s string, n int) string {
	if n <= 0 {
		return ""
	}
	// cut is the place after the first n-1 characters.
	size, cut := 0, 0
	for count := 0; size < len(s); count++ {
		if count == n-1 {
			cut = size
		}
		if count == n {
			return shorten(s, cut) + "…"
		}
		size += nextCluster(s[size:])
	}
	return s
}

// shorten cuts s at the last fitting place up to cut.
func shorten(s string, cut int) string {
	whole := 0
	for _, at := range uncut().FindAllStringIndex(s, -1) {
		if at[0] < cut && cut < at[1] {
			cut = at[0]
		}
		if at[1] <= cut {
			whole = at[1]
		}
	}
	cut = wordBreak(s, cut)
	whole = min(whole, cut)
	return s[:whole] + strings.TrimRightFunc(s[whole:cut], isTrailing)
}

// wordBreak returns the last place between words up to cut.
func wordBreak(s string, cut int) int {
	// The places between characters, from the start: a step back could land within one.
	best := 0
	for place := 0; place < cut; {
		place += nextCluster(s[place:])
		if place <= cut && breakable(lastRune(s[:place]), firstRune(s[place:])) {
			best = place
		}
	}
	if best == 0 {
		return cut
	}
	return best
}

func breakable(before, after rune) bool {
	return unicode.IsSpace(before) || unicode.IsSpace(after) || isUnspaced(before) || isUnspaced(after)
}

// isUnspaced recognises the scripts that are written without spaces between words.
func isUnspaced(r rune) bool {
	return r > 0xe00 && unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Thai, unicode.Lao,
		unicode.Khmer, unicode.Myanmar)
}

// isTrailing holds for what looks wrong before a ….
func isTrailing(r rune) bool { return unicode.IsSpace(r) || strings.ContainsRune(",;:.-–—(", r) }

// nextCluster returns the length in bytes of the first user-perceived character of s (UAX #29).
func nextCluster(s string) int {
	cluster, _, _, _ := uniseg.FirstGraphemeClusterInString(s, -1)
	return len(cluster)
}

func lastRune(s string) rune {
	r, _ := utf8.DecodeLastRuneInString(s)
	return r
}

func firstRune(s string) rune {
	r, _ := utf8.DecodeRuneInString(s)
	return r
}
