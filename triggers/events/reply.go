package events

import (
	"context"

	"github.com/nbd-wtf/go-nostr"

	"rhea/engine"
	"rhea/engine/thread"
)

// ReplyConfig is the configuration of the reply trigger.
type ReplyConfig struct {
	// Kinds are the event kinds that count: by default notes and comments.
	Kinds []int `yaml:"kinds"`
	// Relays are the relays to listen to: a list, or the name of a set. Without it, the rule's relays.
	Relays engine.Relays `yaml:"relays"`
}

// ReplyData is what the expressions of a rule see when somebody answered the identity.
type ReplyData struct {
	engine.Scope

	// Event is the answer.
	Event *Event `expr:"event"`
	// Author is who wrote it.
	Author *Author `expr:"author"`
	// Relay is the address of the relay that delivered it.
	Relay string `expr:"relay"`
	// Parent is what was answered. When neither a relay nor the state has it any more, only its id and pubkey are known.
	Parent *Event `expr:"parent"`
}

var _ engine.Answering = (*ReplyData)(nil)

// Answered implements [engine.Answering].
func (d *ReplyData) Answered() (e *nostr.Event, ok bool) {
	if d.Parent == nil {
		return nil, false
	}
	return d.Parent.origin, d.Parent.origin != nil
}

const kindComment = 1111 // NIP-22

// ReplyKind is the trigger that fires when somebody answers what the identity wrote.
func ReplyKind() engine.TriggerKind {
	defaults := ReplyConfig{Kinds: []int{nostr.KindTextNote, kindComment}}
	return engine.NewTriggerKind[ReplyConfig, ReplyData]("reply", defaults, newReply).Answering(answerAge).Addressing().Documented(sources)
}

func newReply(c ReplyConfig, s engine.Setup) (engine.Trigger, error) {
	if err := kindsOf(c.Kinds); err != nil {
		return nil, err
	}
	r := reply{setup: &s, parents: newParents(&s)}
	// Every reply tags the author of what it answers (NIP-10, NIP-22).
	l := newListener(&s, tagged(c.Kinds, "p", s.Pubkey))
	l.choose = r.choose
	l.view = func(d Data) engine.Data { return &ReplyData{Event: d.Event, Author: d.Author, Relay: d.Relay} }
	l.direct = func(*nostr.Event) bool { return true } // All others were passed by.
	l.otherwise = "the event answers nothing that the bot wrote"
	l.told = func(e *nostr.Event) bool { return !thread.Parent(e).IsZero() }
	return l, nil
}

type reply struct {
	setup   *engine.Setup
	parents *parents
}

func (p reply) choose(ctx context.Context, r engine.Received, d Data) (*choice, error) {
	parent := thread.Parent(r.Event)
	author := parentAuthor(parent)
	if parent.IsZero() || author != "" && author != p.setup.Pubkey {
		return nil, nil
	}
	data := &ReplyData{
		Event: d.Event, Author: d.Author, Relay: d.Relay,
		Parent: &Event{ID: parent.ID, Pubkey: p.setup.Pubkey},
	}
	if author != "" {
		// The answer says itself whom it answers: what was answered can wait until a cheap gate has passed.
		return &choice{data, func(ctx context.Context) {
			if e, err := p.parents.find(ctx, parent); err == nil && e != nil {
				data.Parent = viewEvent(e, "")
			}
		}}, nil
	}
	if turnedDownAnyway(p.setup, r) {
		return &choice{data: data}, nil
	}
	e, err := p.parents.find(ctx, parent)
	if err != nil || e == nil || e.PubKey != p.setup.Pubkey {
		return nil, err
	}
	data.Parent = viewEvent(e, "")
	return &choice{data: data}, nil
}
