package actions

import (
	"context"
	"errors"
	"fmt"

	"github.com/nbd-wtf/go-nostr"

	"rhea/engine"
	"rhea/engine/reference"
)

// maxDeletions bounds one request; relays refuse events with thousands of tags.
const maxDeletions = 500

// DeleteConfig is the configuration of the action delete.
type DeleteConfig struct {
	// Events are the events to delete: ids, note, nevent or naddr. They must be the bot's own.
	Events engine.Strings `yaml:"events"`
	// Reason says why.
	Reason engine.Text `yaml:"reason"`
}

type deletion struct{ DeleteConfig }

var _ engine.Action = (*deletion)(nil)

// deleteKind is the action that takes own events back (NIP-09).
func deleteKind() engine.ActionKind {
	return engine.NewActionKind("delete", DeleteConfig{}, newDelete)
}

func newDelete(c DeleteConfig) (engine.Action, error) {
	if c.Events.IsZero() {
		return nil, engine.Required("events")
	}
	return &deletion{c}, nil
}

// Act asks the relays to delete events of the acting identity (NIP-09). With nothing to delete it does nothing.
func (d *deletion) Act(_ context.Context, run engine.Run) (engine.Result, error) {
	events, err := d.Events.Eval(run.Data)
	if err != nil {
		return engine.Result{}, fmt.Errorf("events: %w", err)
	}
	if len(events) > maxDeletions {
		return engine.Result{}, fmt.Errorf("events: %d are too many for one request; %d at most", len(events), maxDeletions)
	}
	draft := engine.Draft{Kind: kindDeletion}
	var kinds nostr.Tags
	for _, name := range events {
		if name == "" {
			continue
		}
		tag, kind, err := deletionOf(name, run)
		if err != nil {
			return engine.Result{}, fmt.Errorf("events: %w", err)
		}
		draft.Tags = addTag(draft.Tags, tag)
		if kind >= 0 {
			kinds = addTag(kinds, nostr.Tag{"k", kindText(kind)})
		}
	}
	if len(draft.Tags) == 0 {
		return engine.Result{}, nil
	}
	draft.Tags = append(draft.Tags, kinds...)
	if draft.Content, err = d.Reason.Eval(run.Data); err != nil {
		return engine.Result{}, fmt.Errorf("reason: %w", err)
	}
	return engine.Result{Drafts: []engine.Draft{draft}}, nil
}

// deletionOf returns the tag and, if known, the kind of what is to be deleted; -1 if not.
func deletionOf(name string, run engine.Run) (nostr.Tag, int, error) {
	ref, err := parseTarget(name)
	if err != nil {
		return nil, -1, err
	}
	author, kind := ref.PublicKey, ref.Kind
	if e := known(ref, run); e != nil {
		author, kind = e.PubKey, e.Kind
	}
	if author != "" && author != run.Pubkey {
		return nil, -1, errors.New("it was written by somebody else, and relays delete for the author only")
	}
	if kind == kindDeletion {
		return nil, -1, errors.New("a deletion cannot be taken back")
	}
	if ref.ID != "" {
		return nostr.Tag{"e", ref.ID}, kind, nil
	}
	return nostr.Tag{"a", ref.Address}, kind, nil
}

// known returns the event if the run has it at hand.
func known(ref reference.Reference, run engine.Run) *nostr.Event {
	for i := range run.Drafted {
		if names(ref, &run.Drafted[i]) {
			return &run.Drafted[i]
		}
	}
	if run.Event != nil && names(ref, run.Event) {
		return run.Event
	}
	if d, ok := run.Data.(engine.Answering); ok {
		if e, ok := d.Answered(); ok && names(ref, e) {
			return e
		}
	}
	return nil
}
