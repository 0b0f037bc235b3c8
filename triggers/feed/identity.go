package feed

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"hash/fnv"
	"slices"
	"strconv"
	"strings"
)

// identity is under which key an item is remembered. The date is no part of it: feeds change dates for fun.
type identity struct {
	key string
	// others are keys under which the same item may have been remembered when the rest of the feed was different.
	others []string
}

// keyLength is how long a part of a key may be; what is longer is hashed.
const keyLength = 300

// identify gives every item its identity: the guid, else the link, else a hash of title and content. A guid or link
// that several items of the feed share is not enough and gets company. Only the first of equal items is kept.
func identify(doc *document) ([]*Item, []identity) {
	count := make(map[string]int)
	for _, item := range doc.items {
		count[item.name(doc.info)]++
	}
	var items []*Item
	var ids []identity
	known, met := make(map[string]bool), make(map[string]bool)
	for _, item := range doc.items {
		short := item.name(doc.info)
		long := short + " " + item.company()
		id := identity{key: short, others: []string{long}}
		if count[short] > 1 {
			id = identity{key: long}
			if !met[short] {
				// The oldest was there alone once.
				id.others = []string{short}
			}
			met[short] = true
		}
		if !known[id.key] {
			known[id.key] = true
			item.key = id.key
			items, ids = append(items, item), append(ids, id)
		}
	}
	return items, ids
}

// name is what the item is called by.
func (i *Item) name(feed *Feed) string {
	switch {
	case i.GUID != "" && isWeb(i.GUID):
		return short(canonicalLink(i.GUID))
	case i.GUID != "" && strings.Contains(i.GUID, ":"):
		return short(i.GUID) // tag:, urn: and their like are unique everywhere.
	case i.GUID != "":
		// A bare number is unique on one site only, and a rule may read several.
		return short(i.GUID + "@" + firstHost(i.Link, feed.Link, feed.URL))
	case i.Link != "":
		return short(canonicalLink(i.Link))
	}
	return i.hash()
}

// company tells items apart that have the same name.
func (i *Item) company() string {
	if i.GUID != "" && i.Link != "" && canonicalLink(i.GUID) != canonicalLink(i.Link) {
		return short(canonicalLink(i.Link))
	}
	return i.hash()
}

func (i *Item) hash() string { return "sha256:" + hex.EncodeToString(i.digest[:16]) }

func short(name string) string {
	if len(name) <= keyLength {
		return name
	}
	return name[:64] + " " + strconv.FormatUint(hash64(name), 36)
}

func hash64(text string) uint64 {
	h := fnv.New64a()
	_, _ = h.Write([]byte(text))
	return h.Sum64()
}

// revision is the key of an item as it is now.
func (i *Item) revision(key string) string { return key + " as " + hex.EncodeToString(i.digest[:8]) }

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

// fingerprintsIn returns what is remembered of the latest items.
func fingerprintsIn(remembered string) map[string]bool {
	all := make(map[string]bool, len(remembered)/fingerprintLength)
	for i := 0; i+fingerprintLength <= len(remembered); i += fingerprintLength {
		all[remembered[i:i+fingerprintLength]] = true
	}
	return all
}

// remember returns the fingerprints of the present items that were dealt with, and then those of before. Done are the keys
// of present items.
func remember(before string, done map[string]bool, doc *document, items []*Item, ids []identity) string {
	var out strings.Builder
	known, written := fingerprintsIn(before), make(map[string]bool)
	write := func(f string) {
		if !written[f] && len(written) < keptFingerprints {
			written[f] = true
			out.WriteString(f)
		}
	}
	looks := fingerprintsOf(doc, items)
	for i := range slices.Backward(items) {
		key := fingerprint(ids[i].key)
		if !done[ids[i].key] && !known[key] {
			continue // It waits for the next look.
		}
		write(key)
		for _, f := range looks[i] {
			write(f)
		}
	}
	for i := 0; i+fingerprintLength <= len(before); i += fingerprintLength {
		write(before[i : i+fingerprintLength])
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
