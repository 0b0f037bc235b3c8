package thread

import "github.com/nbd-wtf/go-nostr"

// Parent returns what e answers directly; the zero Pointer if nothing.
func Parent(e *nostr.Event) Pointer {
	parent, _ := find(e)
	return parent
}

// Root returns what the conversation that e is part of began with; the zero Pointer if e begins one.
func Root(e *nostr.Event) Pointer {
	_, root := find(e)
	return root
}

const (
	kindVoiceReply = 1244
	kindChat       = 9
	kindFile       = 15
)

func find(e *nostr.Event) (parent, root Pointer) {
	switch e.Kind {
	case nostr.KindComment, kindVoiceReply:
		return comment(e.Tags)
	case nostr.KindRepost, nostr.KindReaction, nostr.KindGenericRepost, nostr.KindZap:
		target := target(e)
		return target, target
	case kindChat:
		quoted := first(e.Tags, "q")
		return quoted, quoted
	case nostr.KindLiveChatMessage:
		return liveChat(e.Tags)
	case nostr.KindTextNote, nostr.KindEncryptedDirectMessage, nostr.KindDirectMessage, kindFile, nostr.KindChannelMessage:
		return marked(e.Tags, true)
	default:
		// Elsewhere an e tag without a marker may mean anything.
		return marked(e.Tags, false)
	}
}

// target reads the one thing that a repost, a reaction or a zap is about: the last e tag, and an a tag beside it.
func target(e *nostr.Event) Pointer {
	p := last(e.Tags, "e").join(last(e.Tags, "a"))
	if p.IsZero() {
		return p
	}
	if kind, ok := parseKind(lastValue(e.Tags, "k")); ok && p.Kind < 0 {
		p.Kind = kind
	}
	if author := lastValue(e.Tags, "p"); p.Author == "" && isHex32(author) {
		p.Author = author
	}
	return p
}

// liveChat reads a message in a live stream (NIP-53): the stream is an address, the answered message an e tag.
func liveChat(tags nostr.Tags) (parent, root Pointer) {
	root = first(tags, "a")
	if parent, _ = marked(only(tags, "e"), true); parent.IsZero() {
		parent = root
	}
	if root.IsZero() {
		root = parent
	}
	return parent, root
}

func first(tags nostr.Tags, name string) Pointer {
	for _, tag := range tags {
		if p, ok := readNamed(tag, name); ok {
			return p
		}
	}
	return Pointer{}
}

func last(tags nostr.Tags, name string) (found Pointer) {
	for _, tag := range tags {
		if p, ok := readNamed(tag, name); ok {
			found = p
		}
	}
	return found
}

func readNamed(tag nostr.Tag, name string) (Pointer, bool) {
	if len(tag) == 0 || tag[0] != name {
		return Pointer{}, false
	}
	return read(tag)
}

func lastValue(tags nostr.Tags, name string) (value string) {
	for _, tag := range tags {
		if len(tag) > 1 && tag[0] == name {
			value = tag[1]
		}
	}
	return value
}

func only(tags nostr.Tags, name string) (some nostr.Tags) {
	for _, tag := range tags {
		if len(tag) > 0 && tag[0] == name {
			some = append(some, tag)
		}
	}
	return some
}
