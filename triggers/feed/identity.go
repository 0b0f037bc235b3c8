package feed

import (
	"encoding/hex"
	"net/url"
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

func firstHost(links ...string) string {
	for _, link := range links {
		if u, err := url.Parse(link); err == nil && u.Host != "" {
			return strings.TrimPrefix(strings.ToLower(u.Hostname()), "www.")
		}
	}
	return ""
}

// canonicalLink makes one of the variants in which the same page is linked: http or https, with www or without, with
// a slash at the end or without, with or without the marks of a campaign. The result is an identity, not an address.
func canonicalLink(link string) string {
	u, err := url.Parse(strings.TrimSpace(link))
	if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
		return link
	}
	host := strings.TrimPrefix(strings.ToLower(u.Hostname()), "www.")
	if port := u.Port(); port != "" && port != "80" && port != "443" {
		host += ":" + port
	}
	query := untracked(u.RawQuery)
	out := "//" + host + strings.TrimRight(u.EscapedPath(), "/")
	if query != "" {
		out += "?" + query
	}
	if u.Fragment != "" {
		out += "#" + u.EscapedFragment()
	}
	return out
}

// untracked is a query without the parameters that only tell a campaign or a reader apart.
func untracked(query string) string {
	var kept []string
	for part := range strings.SplitSeq(query, "&") {
		name, _, _ := strings.Cut(strings.ToLower(part), "=")
		switch name {
		case "", "fbclid", "gclid", "dclid", "msclkid", "yclid", "igshid", "mc_cid", "mc_eid", "_hsenc", "_hsmi", "mkt_tok", "wt_mc", "at_medium", "at_campaign":
			continue
		}
		if !strings.HasPrefix(name, "utm_") {
			kept = append(kept, part)
		}
	}
	return strings.Join(kept, "&")
}

// untrackedLink is an address without such parameters.
func untrackedLink(link string) string {
	u, err := url.Parse(link)
	if err != nil || u.RawQuery == "" {
		return link
	}
	u.RawQuery = untracked(u.RawQuery)
	return u.String()
}
