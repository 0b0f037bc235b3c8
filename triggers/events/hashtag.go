package events

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/nbd-wtf/go-nostr"

	"rhea/engine"
)

// HashtagConfig is the configuration of the hashtag trigger.
type HashtagConfig struct {
	// Any are hashtags of which the event has at least one, with or without #, in any case.
	Any []string `yaml:"any"`
	// Kinds are the event kinds that count.
	Kinds []int `yaml:"kinds"`
	// Relays are the relays to listen to: a list, or the name of a set. Without it, the rule's relays.
	Relays engine.Relays `yaml:"relays"`
}

// HashtagKind is the trigger that fires for events with one of some hashtags (t tags, NIP-24).
func HashtagKind() engine.TriggerKind {
	defaults := HashtagConfig{Kinds: []int{nostr.KindTextNote}}
	return engine.NewTriggerKind[HashtagConfig, Data]("hashtag", defaults, newHashtag).Answering(answerAge).Documented(sources)
}

func newHashtag(c HashtagConfig, s engine.Setup) (engine.Trigger, error) {
	failed := kindsOf(c.Kinds)
	if len(c.Any) == 0 {
		failed = errors.Join(failed, engine.At("any", errors.New("names no hashtag; write any: [nostr, golang]")))
	}
	for i, written := range c.Any {
		if tag := bareTag(written); tag == "" || strings.ContainsAny(tag, " \t\n#,") {
			failed = errors.Join(failed, engine.At(fmt.Sprintf("any.%d", i),
				fmt.Errorf("%q is not one hashtag; write each as an element of its own, without spaces", written)))
		}
	}
	if failed != nil {
		return nil, failed
	}
	return newListener(&s, tagged(c.Kinds, "t", hashtagForms(c.Any)...)), nil
}

func bareTag(written string) string { return strings.TrimPrefix(strings.TrimSpace(written), "#") }

// hashtagForms are the values of t tags that are asked for. The protocol wants lower case, but relays match exactly and some
// programs keep what was typed.
func hashtagForms(written []string) (tags []string) {
	for _, w := range written {
		for _, form := range []string{strings.ToLower(bareTag(w)), bareTag(w)} {
			if !slices.Contains(tags, form) {
				tags = append(tags, form)
			}
		}
	}
	return tags
}
