package actions

import (
	"github.com/nbd-wtf/go-nostr"
)

// commentTags points a comment (NIP-22) at the root with upper-case tags and at its parent with lower-case ones.
func commentTags(parent found) nostr.Tags {
	tags := rootScope(parent)
	if a := address(parent.Event); a != "" {
		tags = append(tags, trimTag(nostr.Tag{"a", a, parent.relay}))
	}
	return append(tags,
		nostr.Tag{"e", parent.ID, parent.relay, parent.PubKey},
		nostr.Tag{"k", kindText(parent.Kind)},
		person(parent.PubKey, parent.relay),
	)
}

// rootScope copies the root of a comment unchanged; anything else is the root itself.
func rootScope(parent found) nostr.Tags {
	if parent.Kind == kindComment || parent.Kind == kindVoiceComment {
		if tags := copiedScope(parent.Tags); tags != nil {
			return tags
		}
	}
	root := nostr.Tag{"E", parent.ID, parent.relay, parent.PubKey}
	if a := address(parent.Event); a != "" {
		root = trimTag(nostr.Tag{"A", a, parent.relay})
	}
	return nostr.Tags{root, {"K", kindText(parent.Kind)}, trimTag(nostr.Tag{"P", parent.PubKey, parent.relay})}
}

// copiedScope returns the root tags of a comment, each name once; nil if they do not say what the root is.
func copiedScope(tags nostr.Tags) nostr.Tags {
	var scope nostr.Tags
	hasRoot, hasKind := false, false
	for _, name := range []string{"A", "E", "I", "K", "P"} {
		t := firstTag(tags, name)
		if t == nil || !isSoundScope(t) {
			continue
		}
		scope = append(scope, append(nostr.Tag(nil), t...))
		hasRoot = hasRoot || name != "K" && name != "P"
		hasKind = hasKind || name == "K"
	}
	if !hasRoot || !hasKind {
		return nil
	}
	return scope
}

// isSoundScope keeps malformed values out of our event.
func isSoundScope(t nostr.Tag) bool {
	if len(t) > 5 {
		return false
	}
	for _, v := range t {
		if len(v) > 4*maxTagValue {
			return false
		}
	}
	switch t[0] {
	case "E", "P":
		return nostr.IsValid32ByteHex(t[1])
	case "A":
		return isAddress(t[1])
	}
	return t[1] != ""
}
