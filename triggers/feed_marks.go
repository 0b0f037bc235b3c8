package triggers

import (
	"crypto/sha256"
	"encoding/base64"
	"net/url"
	"slices"
	"strings"
)

// Marks are short hashes of what the latest items are known by: their keys, and their faces, which are what they look
// like. A feed that changes all its guids, or makes new ones at each fetch, has the faces of before.

const (
	markLength = 8   // Characters; 48 bits.
	keptMarks  = 900 // Three to an item.
	// telling is how long a text must be to be nobody else's.
	telling = 80
)

func markOf(parts ...string) string {
	sum := sha256.Sum256([]byte(strings.Join(parts, "\x00")))
	return base64.RawURLEncoding.EncodeToString(sum[:markLength*3/4])
}

// marks returns what is remembered of the latest items.
func (s feedState) marks() map[string]bool {
	all := make(map[string]bool, len(s.Marks)/markLength)
	for i := 0; i+markLength <= len(s.Marks); i += markLength {
		all[s.Marks[i:i+markLength]] = true
	}
	return all
}

// remember returns the marks of the present items that were dealt with, and then those of before.
func (l *look) remember(doc *feedDocument, items []*Item, ids []identity) string {
	var out strings.Builder
	before, written := l.state.marks(), make(map[string]bool)
	write := func(mark string) {
		if !written[mark] && len(written) < keptMarks {
			written[mark] = true
			out.WriteString(mark)
		}
	}
	faces := facesOf(doc, items)
	for i := range slices.Backward(items) {
		key := markOf(ids[i].key)
		if !l.done[ids[i].key] && !before[key] {
			continue // It waits for the next look.
		}
		write(key)
		for _, mark := range faces[i] {
			write(mark)
		}
	}
	for i := 0; i+markLength <= len(l.state.Marks); i += markLength {
		write(l.state.Marks[i : i+markLength])
	}
	return out.String()
}

// facesOf returns for every item the marks of its looks that no other item of the feed has: its own page with its
// title, and its title with a long text.
func facesOf(doc *feedDocument, items []*Item) [][]string {
	faces, count := make([][]string, len(items)), make(map[string]int)
	for i, item := range items {
		if item.Title == "" {
			continue
		}
		if link := canonicalLink(item.Link); link != canonicalLink(doc.info.Link) && isPage(item.Link) {
			faces[i] = append(faces[i], markOf("page", link, item.Title))
		}
		if text := item.Content + item.Summary; len(text) >= telling {
			faces[i] = append(faces[i], markOf("text", item.Title, text))
		}
		for _, mark := range faces[i] {
			count[mark]++
		}
	}
	for i := range faces {
		own := faces[i][:0]
		for _, mark := range faces[i] {
			if count[mark] == 1 {
				own = append(own, mark)
			}
		}
		faces[i] = own
	}
	return faces
}

// isPage reports whether the address is more than that of a site.
func isPage(address string) bool {
	u, err := url.Parse(address)
	return err == nil && (strings.Trim(u.Path, "/") != "" || u.RawQuery != "")
}
