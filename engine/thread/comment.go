package thread

import "github.com/nbd-wtf/go-nostr"

// comment reads NIP-22: the root in E, A, I, K and P, the parent in e, a, i, k and p. A comment without a parent of
// its own answers the root.
func comment(tags nostr.Tags) (parent, root Pointer) {
	root = scope(tags, [3]string{"A", "E", "I"}, "K", "P")
	parent = scope(tags, [3]string{"a", "e", "i"}, "k", "p")
	if parent.IsZero() {
		parent = root
	}
	if root.IsZero() {
		root = parent
	}
	return parent, root
}

func scope(tags nostr.Tags, pointers [3]string, kindTag, authorTag string) (p Pointer) {
	for _, name := range pointers {
		p = p.join(first(tags, name))
	}
	if p.IsZero() {
		return Pointer{}
	}
	if kind, ok := parseKind(firstValue(tags, kindTag)); ok && p.Kind < 0 {
		p.Kind = kind
	}
	if author := firstValue(tags, authorTag); p.Author == "" && isHex32(author) {
		p.Author = author
	}
	return p
}

func firstValue(tags nostr.Tags, name string) string {
	for _, tag := range tags {
		if len(tag) > 1 && tag[0] == name {
			return tag[1]
		}
	}
	return ""
}
