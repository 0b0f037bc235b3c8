package actions

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/nbd-wtf/go-nostr"

	"rhea/engine"
	"rhea/engine/reference"
)

const (
	lookupTimeout = 10 * time.Second
	maxHints      = 3
)

// Target is the event that an action is about.
type Target struct {
	// Event names another event than the signal's: id, note, nevent or naddr, such as ${{ outputs.post.id }}.
	Event engine.Text `yaml:"event"`
}

// found is a target with a relay that has it.
type found struct {
	*nostr.Event
	relay string
}

// isSound reports whether relays take an event that points to this one.
func (f found) isSound() bool {
	return nostr.IsValid32ByteHex(f.ID) && nostr.IsValid32ByteHex(f.PubKey) && 0 <= f.Kind && f.Kind <= engine.MaxKind
}

var errNoEvent = errors.New("there is no event to act on; event: says which one")

// NeedsEvent implements [engine.EventAction] for the actions that embed a target.
func (t Target) NeedsEvent() bool { return t.Event.IsZero() }

// checkTarget finds the mistakes that show without running.
func (t Target) checkTarget() error {
	s, ok := literal(t.Event)
	if !ok {
		return nil
	}
	_, err := parseTarget(s)
	if err != nil {
		return engine.At("event", err)
	}
	return nil
}

// find returns the event: of this run, of the signal, or from relays. What it returns can be pointed to.
func (t Target) find(ctx context.Context, run engine.Run) (found, error) {
	e, err := t.search(ctx, run)
	if err == nil && !e.isSound() {
		err = errors.New("the event has no valid id, public key or kind")
	}
	return e, err
}

func (t Target) search(ctx context.Context, run engine.Run) (found, error) {
	if t.Event.IsZero() {
		if run.Event == nil {
			return found{}, errNoEvent
		}
		return signalEvent(run), nil
	}
	s, err := t.Event.Eval(run.Data)
	if err != nil {
		return found{}, fmt.Errorf("event: %w", err)
	}
	ref, err := parseTarget(s)
	if err != nil {
		return found{}, fmt.Errorf("event: %w", err)
	}
	for i := range run.Drafted {
		if e := run.Drafted[i]; names(ref, &e) {
			return found{&e, firstHint(run.Relays)}, nil
		}
	}
	if run.Event != nil && names(ref, run.Event) {
		return signalEvent(run), nil
	}
	return lookup(ctx, run, ref)
}

func signalEvent(run engine.Run) found {
	relay := hint(run.Relay)
	if relay == "" {
		relay = firstHint(run.Relays)
	}
	return found{run.Event, relay}
}

func parseTarget(s string) (reference.Reference, error) {
	if id, err := reference.EventID(s); err == nil {
		ref, err := reference.Parse(s)
		if err != nil {
			ref = reference.Reference{Kind: -1}
		}
		ref.ID = id
		return ref, nil
	}
	ref, err := reference.Parse(s)
	if err == nil && ref.Address == "" {
		err = errors.New("it names a person")
	}
	if err != nil {
		return ref, fmt.Errorf("%s does not name an event (64 hex characters, note, nevent or naddr): %w", shown(s), err)
	}
	return ref, nil
}

func names(ref reference.Reference, e *nostr.Event) bool {
	if ref.ID != "" {
		return e.ID == ref.ID
	}
	return address(e) == ref.Address
}

// lookup asks the relays that the reference names, and those of the rule.
func lookup(ctx context.Context, run engine.Run, ref reference.Reference) (found, error) {
	if run.Source == nil {
		return found{}, errors.New("event: it was not made by this run, and there is no relay to ask")
	}
	filter := nostr.Filter{Limit: 1}
	if ref.ID != "" {
		filter.IDs = []string{ref.ID}
	} else {
		filter.Kinds, filter.Authors = []int{ref.Kind}, []string{ref.PublicKey}
		if nostr.IsAddressableKind(ref.Kind) {
			filter.Tags = nostr.TagMap{"d": {ref.Identifier}}
		}
	}
	var hints []string
	for _, r := range ref.Relays {
		if isPublicHint(r) && len(hints) < maxHints {
			hints = append(hints, r)
		}
	}
	relays := slices.Clone(run.Relays)
	for _, r := range hints {
		if !slices.Contains(relays, r) {
			relays = append(relays, r)
		}
	}
	limited, cancel := context.WithTimeout(ctx, lookupTimeout)
	defer cancel()
	events, err := run.Source.Fetch(limited, relays, filter)
	if ctx.Err() != nil {
		return found{}, ctx.Err()
	}
	if err != nil {
		return found{}, engine.Temporary(fmt.Errorf("event: asking relays: %w", err))
	}
	for i := range events {
		if names(ref, &events[i]) {
			return found{&events[i], firstHint(append(hints, run.Relays...))}, nil
		}
	}
	return found{}, engine.Temporary(errors.New("event: no relay has it"))
}
