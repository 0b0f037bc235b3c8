package rehearsal

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/nbd-wtf/go-nostr"
)

// Words that stand in the tags of a test for what a test cannot know: the keys of self and of a stranger, the id of
// what the bot published in the steps before, and the id of the event that the step shows.
const (
	published = "published"
	shown     = "event"
)

// naming are the tags whose values are keys, ids and addresses; in the others, such as hashtags, a word is a word.
var naming = []string{"p", "P", "e", "E", "q", "a", "A"}

// tags writes keys and ids for the words in tags.
func (r *runner) tags(given [][]string) (nostr.Tags, error) {
	all := nostr.Tags{}
	for _, values := range given {
		tag := nostr.Tag(slices.Clone(values))
		if len(tag) > 1 && slices.Contains(naming, tag[0]) {
			for i, value := range tag[1:] {
				meant, err := r.meant(value)
				if err != nil {
					return nil, fmt.Errorf("tag %q: %w", values, err)
				}
				tag[i+1] = meant
			}
		}
		all = append(all, tag)
	}
	return all, nil
}

// meant is the key or the id that a value of a tag stands for, or the value itself. An address (kind:key:name) may name
// whose it is.
func (r *runner) meant(value string) (string, error) {
	switch value {
	case self, stranger:
		var e nostr.Event
		_, err := r.author(&e, value)
		return e.PubKey, err
	case published:
		if r.published == nil {
			return "", errNothingPublished
		}
		return r.published.ID, nil
	case shown:
		if r.shown == nil {
			return "", errors.New("no event is shown here")
		}
		return r.shown.ID, nil
	}
	kind, rest, ok := strings.Cut(value, ":")
	whose, name, named := strings.Cut(rest, ":")
	if !ok || !named || whose != self && whose != stranger {
		return value, nil
	}
	key, err := r.meant(whose)
	return kind + ":" + key + ":" + name, err
}

var errNothingPublished = errors.New("published: the bot has published nothing yet in this test")
