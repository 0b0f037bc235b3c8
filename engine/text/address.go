package text

import (
	"net/url"
	"slices"
	"strings"
)

// maxLinks caps what Links returns.
const maxLinks = 100

// Links returns the http and https addresses in s, in order, each once, at most a hundred. Punctuation around an
// address is not part of it.
func Links(s string) []string {
	var found []string
	for _, at := range addresses(s) {
		link := s[at.from:at.to]
		if len(found) == maxLinks {
			break
		}
		if u, err := url.Parse(link); err == nil && u.Host != "" && !slices.Contains(found, link) {
			found = append(found, link)
		}
	}
	return found
}

// span is a stretch of a text, in bytes.
type span struct{ from, to int }

var address = pattern(`(?i)\bhttps?://[^\s<>"\x{00a0}\x{3000}]+`)

// addresses finds the web addresses in s.
func addresses(s string) []span {
	var found []span
	for _, at := range address().FindAllStringIndex(s, -1) {
		found = append(found, span{at[0], at[0] + len(trimAddress(s[at[0]:at[1]]))})
	}
	return found
}

// trimAddress takes the punctuation of the sentence off an address, and a bracket that was opened before it.
func trimAddress(s string) string {
	for s != "" {
		trimmed := strings.TrimRight(s, ".,;:!?'*_~…’”»")
		for _, pair := range []string{"()", "[]", "{}"} {
			if strings.HasSuffix(trimmed, pair[1:]) && strings.Count(trimmed, pair[:1]) < strings.Count(trimmed, pair[1:]) {
				trimmed = trimmed[:len(trimmed)-1]
			}
		}
		if trimmed == s {
			break
		}
		s = trimmed
	}
	return s
}
