package actions

import (
	"slices"
	"strings"

	"github.com/nbd-wtf/go-nostr"

	"rhea/engine"
	"rhea/engine/text"
	"rhea/engine/thread"
)

const (
	// maxPeople is how many people besides the author get a p tag in a reply. A note that names more could make the bot
	// notify a crowd; then only the author gets one, and the author of what the note answers.
	maxPeople = 10
	// maxInputs is how many tags the result of a job has with the inputs that it repeats.
	maxInputs = 20
	// maxSubject is the length that NIP-14 suggests.
	maxSubject = 80
)

// noteTags threads a reply to a text note (NIP-10): one root marker for an answer to the root itself, else root and
// reply.
func noteTags(parent found, run engine.Run) nostr.Tags {
	var tags nostr.Tags
	root := thread.Root(parent.Event)
	if root.ID != "" && root.ID != parent.ID {
		tags = append(tags, trimTag(nostr.Tag{"e", root.ID, hint(root.Relay), "root", root.Author}))
	}
	// Some clients answer articles with notes; the article stays the root.
	if isAddress(root.Address) {
		tags = append(tags, nostr.Tag{"a", root.Address, hint(root.Relay), "root"})
	}
	marker := "reply"
	if len(tags) == 0 {
		marker = "root"
	}
	tags = append(tags, nostr.Tag{"e", parent.ID, parent.relay, marker, parent.PubKey})
	tags = append(tags, people(parent, run)...)
	if s := firstTag(parent.Tags, "subject"); s != nil && s[1] != "" {
		tags = append(tags, nostr.Tag{"subject", replySubject(s[1])})
	}
	return tags
}

// people returns the p tags of those who take part: the author and whom the parent names, never ourselves.
func people(parent found, run engine.Run) nostr.Tags {
	tags := nostr.Tags{person(parent.PubKey, parent.relay)}
	line := slices.Clone(tags)
	root, answered := thread.Root(parent.Event), thread.Parent(parent.Event)
	for _, t := range parent.Tags {
		if len(t) < 2 || t[0] != "p" || !nostr.IsValid32ByteHex(t[1]) || isOwn(run, t[1]) {
			continue
		}
		tags = addTag(tags, nostr.Tag{"p", t[1]})
		if t[1] == root.Author || t[1] == answered.Author {
			line = addTag(line, nostr.Tag{"p", t[1]})
		}
	}
	if len(tags) > maxPeople+1 {
		return line
	}
	return tags
}

// withoutOwn removes the p tags of our own identities: a bot must not notify itself into a loop.
func withoutOwn(tags nostr.Tags, run engine.Run) nostr.Tags {
	kept := make(nostr.Tags, 0, len(tags))
	for _, t := range tags {
		if len(t) < 2 || t[0] != "p" || !isOwn(run, t[1]) {
			kept = append(kept, t)
		}
	}
	return kept
}

// replySubject puts one "Re: " before a subject (NIP-14).
func replySubject(subject string) string {
	subject = strings.Join(strings.Fields(subject), " ")
	if len(subject) < 3 || !strings.EqualFold(subject[:3], "re:") {
		subject = "Re: " + subject
	}
	return text.Truncate(subject, maxSubject)
}
