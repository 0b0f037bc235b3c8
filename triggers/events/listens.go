package events

import (
	"github.com/nbd-wtf/go-nostr"

	"rhea/engine"
)

var (
	_ engine.Listening = NostrConfig{}
	_ engine.Listening = MentionConfig{}
	_ engine.Listening = ReplyConfig{}
	_ engine.Listening = HashtagConfig{}
)

// Listens implements [engine.Listening].
func (c NostrConfig) Listens(self string) nostr.Filters {
	all, err := c.matchers(self)
	if err != nil {
		return nil
	}
	filters := make(nostr.Filters, len(all))
	for i, m := range all {
		filters[i] = m.filter
	}
	return filters
}

// Listens implements [engine.Listening].
func (c MentionConfig) Listens(self string) nostr.Filters { return addressed(c.Kinds, self) }

// Listens implements [engine.Listening].
func (c ReplyConfig) Listens(self string) nostr.Filters { return addressed(c.Kinds, self) }

func addressed(kinds []int, self string) nostr.Filters {
	return nostr.Filters{{Kinds: kinds, Tags: nostr.TagMap{"p": {self}}}}
}

// Listens implements [engine.Listening].
func (c HashtagConfig) Listens(string) nostr.Filters {
	return nostr.Filters{{Kinds: c.Kinds, Tags: nostr.TagMap{"t": hashtagForms(c.Any)}}}
}
