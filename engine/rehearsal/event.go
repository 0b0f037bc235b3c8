package rehearsal

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"strconv"

	"github.com/nbd-wtf/go-nostr"

	"rhea/engine"
	"rhea/engine/config"
	"rhea/engine/reference"
)

// fitted makes the event of a step, completed so that it fits the trigger of the rule.
func (r *runner) fitted(ctx context.Context, t config.TestEvent) (*engine.Received, error) {
	if t.Sig == "" && t.ReplyTo == "" && t.Tags == nil && r.answersOwn() {
		t.ReplyTo = self
	}
	return r.make(ctx, t, func(e *nostr.Event) error {
		_, err := r.sandbox.Fit(r.rule.Name, e)
		return err
	})
}

// event makes an event that is only there to be found.
func (r *runner) event(ctx context.Context, t config.TestEvent) (*engine.Received, error) {
	return r.make(ctx, t, func(e *nostr.Event) error {
		if e.Kind < 0 {
			e.Kind = nostr.KindTextNote
		}
		return nil
	})
}

func (r *runner) make(ctx context.Context, t config.TestEvent, fit func(*nostr.Event) error) (*engine.Received, error) {
	e := nostr.Event{Kind: -1, CreatedAt: nostr.Timestamp(r.sandbox.Now().Unix()), Content: t.Content}
	if t.Kind != nil {
		e.Kind = *t.Kind
	}
	if t.CreatedAt != nil {
		e.CreatedAt = nostr.Timestamp(t.CreatedAt.Unix())
	}
	if t.Tags != nil {
		var err error
		if e.Tags, err = r.tags(t.Tags); err != nil {
			return nil, err
		}
	}
	relay := r.relay()
	if t.Sig != "" {
		e.ID, e.PubKey, e.Sig = t.ID, t.Pubkey, t.Sig
		return &engine.Received{Event: &e, Relay: relay, Verify: verifier(&e)}, nil
	}
	signer, err := r.author(&e, cmp.Or(t.From, t.Pubkey))
	if err != nil {
		return nil, err
	}
	if err := fit(&e); err != nil {
		return nil, err
	}
	if e.PubKey == "" {
		if signer, err = r.author(&e, stranger); err != nil {
			return nil, err
		}
	}
	if err := r.replyTo(ctx, &e, t.ReplyTo); err != nil {
		return nil, err
	}
	if signer == nil {
		// The test has no key of a real person: the event counts as verified.
		e.ID = cmp.Or(t.ID, e.GetID())
		return &engine.Received{Event: &e, Relay: relay, Verify: func() error { return nil }}, nil
	}
	if err := signer.Sign(ctx, &e); err != nil {
		return nil, err
	}
	e.ID = cmp.Or(t.ID, e.ID)
	return &engine.Received{Event: &e, Relay: relay, Verify: verifier(&e)}, nil
}

func verifier(e *nostr.Event) func() error {
	return func() error {
		if !e.CheckID() {
			return errors.New("the id is not the hash of the event")
		}
		if ok, err := e.CheckSignature(); err != nil || !ok {
			return errors.New("the signature does not fit")
		}
		return nil
	}
}

// replyTo makes the event an answer (NIP-10, NIP-22), and lets the relays have what it answers.
func (r *runner) replyTo(ctx context.Context, e *nostr.Event, name string) error {
	if name == "" {
		return nil
	}
	parent := nostr.Event{Kind: nostr.KindTextNote, Content: "What was said before.", CreatedAt: e.CreatedAt - 60, Tags: nostr.Tags{}}
	id, err := reference.EventID(name)
	switch {
	case err == nil:
		parent.ID = id
	case name == published && r.published == nil:
		return fmt.Errorf("reply_to: %w", errNothingPublished)
	case name == published:
		parent = *r.published
	default:
		signer, err := r.author(&parent, name)
		if err != nil {
			return err
		}
		if signer != nil {
			if err := signer.Sign(ctx, &parent); err != nil {
				return err
			}
		} else {
			parent.ID = parent.GetID()
		}
		r.sandbox.Add(parent)
	}
	e.Tags = append(e.Tags, answerTags(e.Kind, parent)...)
	return nil
}

const kindComment = 1111

func answerTags(kind int, parent nostr.Event) nostr.Tags {
	if kind == kindComment {
		k := strconv.Itoa(parent.Kind)
		return nostr.Tags{
			{"E", parent.ID, "", parent.PubKey}, {"K", k}, {"P", parent.PubKey},
			{"e", parent.ID, "", parent.PubKey}, {"k", k}, {"p", parent.PubKey},
		}
	}
	tags := nostr.Tags{{"e", parent.ID, "", "root", parent.PubKey}}
	if parent.PubKey != "" {
		tags = append(tags, nostr.Tag{"p", parent.PubKey})
	}
	return tags
}

// introduce lets the relays have the profile of an author.
func (r *runner) addProfile(pubkey, from string, says map[string]any) error {
	profile := maps.Clone(says)
	if from == "bot" && profile == nil {
		profile = map[string]any{}
	}
	if from == "bot" {
		profile["bot"] = true
	}
	content, err := json.Marshal(profile)
	if err != nil {
		return fmt.Errorf("author: %w", err)
	}
	r.sandbox.Add(nostr.Event{
		Kind: nostr.KindProfileMetadata, PubKey: pubkey, Content: string(content),
		CreatedAt: nostr.Timestamp(r.sandbox.Now().Unix()), Tags: nostr.Tags{},
	})
	return nil
}
