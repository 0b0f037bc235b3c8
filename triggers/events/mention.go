package events

import (
	"context"
	"strconv"
	"strings"

	"github.com/nbd-wtf/go-nostr"

	"rhea/engine"
	"rhea/engine/reference"
	"rhea/engine/thread"
)

// MentionConfig is the configuration of the mention trigger.
type MentionConfig struct {
	// Kinds are the event kinds that count.
	Kinds []int `yaml:"kinds"`
	// Direct wants the identity to be addressed: named in the text, answered, or written to outside of a thread.
	// Without it, being carried along in a thread's p tags is enough.
	Direct bool `yaml:"direct"`
	// Relays are the relays to listen to: a list, or the name of a set. Without it, the rule's relays.
	Relays engine.Relays `yaml:"relays"`
}

// MentionKind is the trigger that fires when somebody addresses the identity.
func MentionKind() engine.TriggerKind {
	defaults := MentionConfig{Kinds: []int{nostr.KindTextNote}, Direct: true}
	return engine.NewTriggerKind[MentionConfig, Data]("mention", defaults, newMention).Answering(answerAge).Addressing().Documented(sources)
}

func newMention(c MentionConfig, s engine.Setup) (engine.Trigger, error) {
	if err := kindsOf(c.Kinds); err != nil {
		return nil, err
	}
	l := newListener(&s, tagged(c.Kinds, "p", s.Pubkey))
	l.direct = func(e *nostr.Event) bool {
		return c.Direct || thread.Parent(e).IsZero() || names(e, l.setup.Pubkey)
	}
	if c.Direct {
		l.choose = mention{setup: &s, parents: newParents(&s)}.choose
		l.otherwise = "the bot is only carried along in the thread's p tags, and direct is true"
		l.told = func(*nostr.Event) bool { return true }
	}
	return l, nil
}

// mention tells being addressed from being carried along: programs copy the p tags of a whole thread into every
// answer (NIP-10), so a p tag alone says little.
type mention struct {
	setup   *engine.Setup
	parents *parents
}

func (m mention) choose(ctx context.Context, r engine.Received, d Data) (*choice, error) {
	direct, err := m.direct(ctx, r)
	if err != nil || !direct {
		return nil, err
	}
	return &choice{data: &d}, nil
}

func (m mention) direct(ctx context.Context, r engine.Received) (bool, error) {
	parent := thread.Parent(r.Event)
	if parent.IsZero() || names(r.Event, m.setup.Pubkey) {
		return true, nil
	}
	if author := parentAuthor(parent); author != "" {
		return author == m.setup.Pubkey, nil
	}
	if turnedDownAnyway(m.setup, r) {
		return true, nil
	}
	e, err := m.parents.find(ctx, parent)
	return e != nil && e.PubKey == m.setup.Pubkey, err
}

// names reports whether the text of e refers to a person: by npub or nprofile (NIP-27), or by the place of a p tag
// as programs did before.
func names(e *nostr.Event, pubkey string) bool {
	for _, ref := range reference.Find(e.Content) {
		if ref.PublicKey == pubkey && (ref.Type == reference.TypeNpub || ref.Type == reference.TypeNprofile) {
			return true
		}
	}
	for i, tag := range e.Tags {
		if len(tag) > 1 && tag[0] == "p" && tag[1] == pubkey && strings.Contains(e.Content, "#["+strconv.Itoa(i)+"]") {
			return true
		}
	}
	return false
}
