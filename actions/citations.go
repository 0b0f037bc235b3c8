package actions

import (
	"github.com/nbd-wtf/go-nostr"

	"rhea/engine/reference"
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
