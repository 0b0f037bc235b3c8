package feed

import (
	"crypto/sha256"
	"encoding/base64"
	"net/url"
	"slices"
	"strings"
)

// Fingerprints are short hashes of what the latest items are known by: their keys, and what they look like. A feed that
// changes all its guids, or makes new ones at each fetch, still has the items that look as before.

const (
	fingerprintLength = 8   // Characters; 48 bits.
	keptFingerprints  = 900 // Three to an item.
	// telling is how long a text must be to be nobody else's.
	telling = 80
)

func fingerprint(parts ...string) string {
	sum := sha256.Sum256([]byte(strings.Join(parts, "\x00")))
	return base64.RawURLEncoding.EncodeToString(sum[:fingerprintLength*3/4])
}

// fingerprints returns what is remembered of the latest items.
func (s state) fingerprints() map[string]bool {
	all := make(map[string]bool, len(s.Fingerprints)/fingerprintLength)
	for i := 0; i+fingerprintLength <= len(s.Fingerprints); i += fingerprintLength {
		all[s.Fingerprints[i:i+fingerprintLength]] = true
	}
	return all
}

// remember returns the fingerprints of the present items that were dealt with, and then those of before.
func (l *look) remember(doc *document, items []*Item, ids []identity) string {
	var out strings.Builder
	before, written := l.state.fingerprints(), make(map[string]bool)
	write := func(f string) {
		if !written[f] && len(written) < keptFingerprints {
			written[f] = true
			out.WriteString(f)
		}
	}
	looks := fingerprintsOf(doc, items)
	for i := range slices.Backward(items) {
		key := fingerprint(ids[i].key)
		if !l.done[ids[i].key] && !before[key] {
			continue // It waits for the next look.
		}
		write(key)
		for _, f := range looks[i] {
			write(f)
		}
	}
	for i := 0; i+fingerprintLength <= len(l.state.Fingerprints); i += fingerprintLength {
		write(l.state.Fingerprints[i : i+fingerprintLength])
	}
	return out.String()
}

// fingerprintsOf returns what every item looks like as far as no other item of the feed does: its own page with its
// title, and its title with a long text.
func fingerprintsOf(doc *document, items []*Item) [][]string {
	looks, count := make([][]string, len(items)), make(map[string]int)
	for i, item := range items {
		if item.Title == "" {
			continue
		}
		if link := canonicalLink(item.Link); link != canonicalLink(doc.info.Link) && isPage(item.Link) {
			looks[i] = append(looks[i], fingerprint("page", link, item.Title))
		}
		if text := item.Content + item.Summary; len(text) >= telling {
			looks[i] = append(looks[i], fingerprint("text", item.Title, text))
		}
		for _, f := range looks[i] {
			count[f]++
		}
	}
	for i := range looks {
		own := looks[i][:0]
		for _, f := range looks[i] {
			if count[f] == 1 {
				own = append(own, f)
			}
		}
		looks[i] = own
	}
	return looks
}

// isPage reports whether the address is more than that of a site.
func isPage(address string) bool {
	u, err := url.Parse(address)
	return err == nil && (strings.Trim(u.Path, "/") != "" || u.RawQuery != "")
}
