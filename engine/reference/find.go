package reference

import "strings"

// maxFound caps what one text may make us handle.
const maxFound = 100

// Find returns the references in text, in order, with their places: those with nostr: and bare ones that are a word
// of their own, not part of a web address. It returns the first hundred at most.
func Find(text string) []Reference {
	var found []Reference
	for at := 0; len(found) < maxFound; {
		i := strings.IndexByte(text[at:], '1')
		if i < 0 {
			break
		}
		separator := at + i
		at = separator + 1
		start := startOf(text, separator)
		if start < 0 {
			continue
		}
		end := at
		for end < len(text) && isWord(text[end]) {
			end++
		}
		at = end
		r, err := Parse(text[start:end])
		if err != nil {
			continue
		}
		r.Start, r.End = start, end
		found = append(found, r)
	}
	return found
}

// startOf returns where a name whose separator is at i begins, or -1 when there is none.
func startOf(text string, i int) int {
	for _, prefix := range [...]string{TypeNpub, TypeNprofile, TypeNote, TypeNevent, TypeNaddr} {
		if !strings.HasSuffix(text[:i], prefix) {
			continue
		}
		start := i - len(prefix)
		if from := start - len(scheme); from >= 0 && strings.EqualFold(text[from:start], scheme) {
			start = from
		}
		if start > 0 && (isWord(text[start-1]) || strings.IndexByte("/=&?.-%", text[start-1]) >= 0) {
			return -1
		}
		return start
	}
	return -1
}

func isWord(c byte) bool {
	return 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9' || c == '_'
}
