package actions

import (
	"github.com/nbd-wtf/go-nostr"

	"rhea/engine"
	"rhea/engine/reference"
	"rhea/engine/text"
)

// maxCitations bounds the q tags that a text can cause: it may hold strangers' words.
const maxCitations = 10

// addCitations adds a q tag for every event that the content refers to (NIP-18).
func addCitations(tags nostr.Tags, content string) nostr.Tags {
	found := 0
	for _, r := range reference.Find(content) {
		var tag nostr.Tag
		switch {
		case isAddress(r.Address):
			tag = nostr.Tag{"q", r.Address, firstHint(r.Relays)}
		case r.ID != "":
			tag = nostr.Tag{"q", r.ID, firstHint(r.Relays), r.PublicKey}
		default:
			continue
		}
		if found++; found > maxCitations {
			break
		}
		tags = addTag(tags, trimTag(tag))
	}
	return tags
}

// maxHashtags keeps an event out of the spam filters that count them.
const maxHashtags = 32

// addHashtags adds the t tags, lower case as readers search for them.
func (p Post) addHashtags(d *engine.Draft, run engine.Run) error {
	words, err := p.Hashtags.Eval(run.Data)
	if err != nil {
		return err
	}
	var hashtags []string
	for _, w := range words {
		hashtags = append(hashtags, text.Hashtag(w))
	}
	if isPlainText(d.Kind) {
		hashtags = append(hashtags, text.Hashtags(d.Content)...)
	}
	added := 0
	for _, h := range hashtags {
		if h == "" || len(h) > maxTagValue || hasTag(d.Tags, "t", h) {
			continue
		}
		if added++; added > maxHashtags {
			break
		}
		d.Tags = append(d.Tags, nostr.Tag{"t", h})
	}
	return nil
}

// addOrigin adds where an event comes from that did not originate on Nostr: the proxy tag names the item, the r tag its
// page, under which clients find what was said about it.
func addOrigin(d *engine.Draft, run engine.Run) {
	if origin := proxyTag(run); origin != nil {
		d.Tags = append(d.Tags, origin)
	}
	if page, ok := run.Data.(engine.Referring); ok {
		if address, ok := page.Reference(); ok && isWebAddress(address) && len(address) <= 4*maxTagValue {
			d.Tags = addTag(d.Tags, nostr.Tag{"r", address})
		}
	}
}

// proxyTag returns nil for what comes from Nostr.
func proxyTag(run engine.Run) nostr.Tag {
	origin, ok := run.Data.(engine.Proxied)
	if !ok {
		return nil
	}
	id, protocol := origin.Proxy()
	if id == "" || protocol == "" || len(id) > 4*maxTagValue {
		return nil
	}
	return nostr.Tag{"proxy", id, protocol}
}

// keepInGroup keeps what is about a group's event in the group, on the one relay that the group lives on (NIP-29):
// what was said in a closed group must not leave it.
func keepInGroup(d *engine.Draft, about found, run engine.Run) {
	group := firstTag(about.Tags, "h")
	if group == nil || group[1] == "" || len(group[1]) > maxTagValue {
		return
	}
	d.Tags = addTag(d.Tags, nostr.Tag{"h", group[1]})
	// A relay that only a stranger's reference names is not published to.
	for _, relay := range append([]string{run.Relay}, run.Relays...) {
		if about.relay != "" && hint(relay) == about.relay {
			d.Relays = []string{relay}
			return
		}
	}
}
