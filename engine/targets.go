package engine

import (
	"context"

	"github.com/nbd-wtf/go-nostr"
)

// RelayLists knows where people publish and read (NIP-65).
type RelayLists interface {
	// Targets returns the relays for an event: those that its author publishes to, or else these when nobody knows
	// them, and those that the people it tags read. It takes a few seconds at most and makes do with what it knows.
	Targets(ctx context.Context, event nostr.Event, orElse []string) []string
}

// targets says where the events of one action go.
type targets struct {
	relays []string
	outbox bool
	lists  RelayLists
}

// of returns the relays for one event. Those of its draft come first: they are the only right ones.
func (t targets) of(ctx context.Context, d Draft, e nostr.Event) []string {
	switch {
	case d.Relays != nil:
		return d.Relays
	case t.outbox && t.lists != nil:
		return t.lists.Targets(ctx, e, t.relays)
	}
	return t.relays
}
