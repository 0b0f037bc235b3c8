package actions

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/nbd-wtf/go-nostr"

	"rhea/engine"
	"rhea/engine/reference"
)

// QuoteConfig is the configuration of the action quote.
type QuoteConfig struct {
	Post `yaml:",inline"`

	Target `yaml:",inline"`
}

type quote struct{ QuoteConfig }

var _ engine.EventAction = (*quote)(nil)

// quoteKind is the action that shows another event in a note of its own (NIP-18).
func quoteKind() engine.ActionKind {
	return engine.NewActionKind("quote", QuoteConfig{}, newQuote)
}

func newQuote(c QuoteConfig) (engine.Action, error) {
	return &quote{c}, errors.Join(c.checkPost(), c.checkTarget())
}

// Act writes a note that shows another event and tells its author (NIP-18).
func (q *quote) Act(ctx context.Context, run engine.Run) (engine.Result, error) {
	quoted, err := q.find(ctx, run)
	if err != nil {
		return engine.Result{}, err
	}
	if isPrivate(quoted.Kind) || nostr.IsEphemeralKind(quoted.Kind) {
		return engine.Result{}, fmt.Errorf("kind %d is not for everybody to see and cannot be quoted", quoted.Kind)
	}
	tags := nostr.Tags{citation(quoted.Event, quoted.relay), person(quoted.PubKey, quoted.relay)}
	d, err := q.draft(run, kindNote, tags)
	if err != nil {
		return engine.Result{}, err
	}
	if d.Content, err = withReference(d.Content, quoted, false); err != nil {
		return engine.Result{}, err
	}
	d.Tags = withoutOwn(d.Tags, run)
	keepInGroup(&d, quoted, run)
	return engine.Result{Drafts: []engine.Draft{d}}, nil
}

// withReference puts nostr:nevent… (or naddr) below or above the content unless the content refers to e already.
func withReference(content string, e found, above bool) (string, error) {
	for _, r := range reference.Find(content) {
		if r.ID == e.ID || r.Address != "" && r.Address == address(e.Event) {
			return content, nil
		}
	}
	name, err := bech32(e.Event, e.relay)
	if err != nil {
		return "", fmt.Errorf("the event cannot be referred to: %w", err)
	}
	name = "nostr:" + strings.TrimPrefix(name, "nostr:")
	if above {
		return name + "\n" + content, nil
	}
	return appendBlock(content, name), nil
}
