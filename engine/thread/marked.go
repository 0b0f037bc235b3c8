package thread

import "github.com/nbd-wtf/go-nostr"

// marked reads NIP-10: e tags (and a tags, which some clients use for articles) with the marker root or reply. If
// none is marked and positional is set, the first unmarked e tag is the root and the last the parent.
func marked(tags nostr.Tags, positional bool) (parent, root Pointer) {
	var reply, firstPlain, lastPlain Pointer
	for _, tag := range tags {
		if len(tag) == 0 || tag[0] != "e" && tag[0] != "a" {
			continue
		}
		p, ok := read(tag)
		if !ok {
			continue
		}
		switch markerOf(tag) {
		case "root":
			root = joinMarked(root, p)
		case "reply":
			reply = joinMarked(reply, p)
		case "":
			if positional && tag[0] == "e" {
				if firstPlain.IsZero() {
					firstPlain = p
				}
				lastPlain = p
			}
		}
	}
	switch {
	case root.IsZero() && reply.IsZero():
		return lastPlain, firstPlain
	case reply.IsZero():
		return root, root
	case root.IsZero() && !firstPlain.IsZero():
		return reply, firstPlain
	case root.IsZero():
		return reply, reply
	default:
		return reply, root
	}
}

// joinMarked lets an e and an a tag with the same marker name one thing; a second one of a kind is passed over.
func joinMarked(p, q Pointer) Pointer {
	if p.ID != "" && q.ID != "" || p.Address != "" && q.Address != "" {
		return p
	}
	return p.join(q)
}

// markerOf returns the marker of a tag; "" if it has none, or an author where the marker would be.
func markerOf(tag nostr.Tag) string {
	if len(tag) < 4 || isHex32(tag[3]) {
		return ""
	}
	return tag[3]
}
