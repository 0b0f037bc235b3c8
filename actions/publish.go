package actions

import (
	"context"
	"errors"
	"fmt"

	"github.com/nbd-wtf/go-nostr"

	"rhea/engine"
)

// PublishConfig is the configuration of the action publish.
type PublishConfig struct {
	// Kind is the kind of the event, 0..65535; 1 is a text note.
	Kind int `yaml:"kind"`

	Post `yaml:",inline"`

	// Subject is a title for a text note (NIP-14).
	Subject engine.Text `yaml:"subject"`
	// CreatedAt is the event's time: unix seconds or a date. Without it the time is now, which relays like best.
	CreatedAt engine.Text `yaml:"created_at"`
	// Proxy adds where the event comes from when it did not originate on Nostr, such as a feed's item (NIP-48).
	Proxy bool `yaml:"proxy"`
}

type publish struct{ PublishConfig }

var _ engine.Action = (*publish)(nil)

// publishKind is the action that writes an event of any kind.
func publishKind() engine.ActionKind {
	return engine.NewActionKind("publish", PublishConfig{Kind: kindNote, Proxy: true}, newPublish)
}

func newPublish(c PublishConfig) (engine.Action, error) {
	mistakes := []error{c.checkPost()}
	if c.Kind < 0 || c.Kind > engine.MaxKind {
		mistakes = append(mistakes, engine.At("kind", fmt.Errorf("%d is outside 0..%d", c.Kind, engine.MaxKind)))
	}
	if isPlainText(c.Kind) {
		mistakes = append(mistakes, c.checkContent())
	}
	if nostr.IsAddressableKind(c.Kind) && !c.hasIdentifier() {
		mistakes = append(mistakes, engine.At("kind", fmt.Errorf(
			"%d is addressable: without a tag [d, …] every such event replaces the one before", c.Kind)))
	}
	if s, ok := literal(c.CreatedAt); ok {
		if _, err := parseTime(s); err != nil {
			mistakes = append(mistakes, engine.At("created_at", err))
		}
	}
	return &publish{c}, errors.Join(mistakes...)
}

func (c PublishConfig) hasIdentifier() bool {
	for _, tag := range c.Tags {
		if len(tag) > 1 && tag[0].Source() == "d" {
			return true
		}
	}
	return false
}

// Act writes the event.
func (p *publish) Act(_ context.Context, run engine.Run) (engine.Result, error) {
	d, err := p.draft(run, p.Kind, nil)
	if err != nil {
		return engine.Result{}, err
	}
	if err := requireContent(d); err != nil {
		return engine.Result{}, err
	}
	subject, err := p.Subject.Eval(run.Data)
	if err != nil {
		return engine.Result{}, fmt.Errorf("subject: %w", err)
	}
	if subject != "" {
		d.Tags = append(d.Tags, nostr.Tag{"subject", subject})
	}
	if p.Proxy {
		addOrigin(&d, run)
	}
	if d.CreatedAt, err = p.createdAt(run); err != nil {
		return engine.Result{}, fmt.Errorf("created_at: %w", err)
	}
	return engine.Result{Drafts: []engine.Draft{d}}, nil
}

func (p *publish) createdAt(run engine.Run) (nostr.Timestamp, error) {
	s, err := p.CreatedAt.Eval(run.Data)
	if err != nil || s == "" {
		return 0, err
	}
	at, err := parseTime(s)
	if err != nil {
		return 0, err
	}
	return nostr.Timestamp(at.Unix()), nil
}
