package text

import (
	"slices"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// maxHashtags caps what Hashtags returns.
const maxHashtags = 100

var hashtag = pattern(`#[\p{L}\p{M}\p{N}_]+`)

// Hashtags returns the hashtags in s: lower case, without the #, in order, each once, at most a hundred. A # within
// a word or an address makes no hashtag, nor do digits alone.
func Hashtags(s string) []string {
	found := []string{}
	inAddress := within(addresses(s))
	for _, at := range hashtag().FindAllStringIndex(s, -1) {
		if len(found) == maxHashtags {
			break
		}
		if inAddress(at[0]) || joined(s[:at[0]]) {
			continue
		}
		tag := Hashtag(s[at[0]:at[1]])
		if strings.ContainsFunc(tag, unicode.IsLetter) && !slices.Contains(found, tag) {
			found = append(found, tag)
		}
	}
	return found
}

// Hashtag makes one hashtag of s, without the #: lower case, letters, digits and _ only, so that "Machine Learning"
// becomes "machinelearning"; "" if nothing is left.
func Hashtag(s string) string {
	return strings.Map(func(r rune) rune {
		if isWord(r) {
			return unicode.ToLower(r)
		}
		return -1
	}, norm.NFC.String(strings.ToValidUTF8(s, "")))
}

// joined reports whether what follows before is part of its last word.
func joined(before string) bool {
	if before == "" {
		return false
	}
	r := lastRune(before)
	return isWord(r) || r == '&' || r == '/' || r == '#'
}

func isWord(r rune) bool {
	return r == '_' || unicode.IsLetter(r) || unicode.IsNumber(r) || unicode.IsMark(r)
}

// within answers, for places asked in ascending order, whether they lie in one of the spans.
func within(spans []span) func(place int) bool {
	return func(place int) bool {
		for len(spans) > 0 && spans[0].to <= place {
			spans = spans[1:]
		}
		return len(spans) > 0 && spans[0].from <= place
	}
}
