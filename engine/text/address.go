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
	found := []string{}
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

// addresses finds the web addresses in s.
func addresses(s string) []span {
	var found []span
	for at := 0; ; {
		i := strings.Index(s[at:], "://")
		if i < 0 {
			return found
		}
		scheme := at + i
		at = scheme + len("://")
		start, ok := schemeStart(s[:scheme])
		if !ok {
			continue
		}
		length := strings.IndexFunc(s[at:], endsAddress)
		if length < 0 {
			length = len(s) - at
		}
		if length > 0 {
			at += length
			found = append(found, span{start, start + len(trimAddress(s[start:at]))})
		}
	}
}

// schemeStart returns where the http or https at the end of s begins, if it is a word of its own.
func schemeStart(s string) (int, bool) {
	for _, name := range [...]string{"https", "http"} {
		start := len(s) - len(name)
		if start >= 0 && strings.EqualFold(s[start:], name) {
			return start, start == 0 || !isASCIIWord(s[start-1])
		}
	}
	return 0, false
}

func isASCIIWord(c byte) bool {
	return 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9' || c == '_'
}

func endsAddress(r rune) bool {
	return strings.ContainsRune("\t\n\f\r <>\"\u00a0\u3000", r)
}

// trimAddress takes the punctuation of the sentence off an address, and a bracket that was opened before it.
func trimAddress(s string) string {
	const pairs = "()[]{}"
	// How many of each are closed but not opened is counted once: an address may be long and full of them.
	var surplus [len(pairs) / 2]int
	for i := range surplus {
		surplus[i] = strings.Count(s, pairs[2*i+1:2*i+2]) - strings.Count(s, pairs[2*i:2*i+1])
	}
	for {
		before := len(s)
		s = strings.TrimRight(s, ".,;:!?'*_~…’”»")
		for i := range surplus {
			if surplus[i] > 0 && strings.HasSuffix(s, pairs[2*i+1:2*i+2]) {
				s = s[:len(s)-1]
				surplus[i]--
			}
		}
		if len(s) == before {
			return s
		}
	}
}
