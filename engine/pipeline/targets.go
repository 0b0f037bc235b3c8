package pipeline

import (
	"context"

	"github.com/nbd-wtf/go-nostr"

	"rhea/engine"
)

// targets says where the events of one action go.
type targets struct {
	relays []string
	outbox bool
	lists  engine.RelayLists
}

// of returns the relays for one event. Those of its draft come first: they are the only right ones.
func (t targets) of(ctx context.Context, d engine.Draft, e nostr.Event) []string {
	switch {
	case d.Relays != nil:
		return d.Relays
	case t.outbox && t.lists != nil:
		return t.lists.Targets(ctx, e, t.relays)
	}
	return t.relays
}
