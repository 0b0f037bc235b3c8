package cmd

import (
	"context"

	"github.com/nbd-wtf/go-nostr"

	"rhea/engine"
	"rhea/engine/relay"
)

// sandbox sends everything to one relay in this process, whatever relay was meant.
type sandbox struct {
	network *relay.Network
	url     string
}

var (
	_ engine.Source    = sandbox{}
	_ engine.Publisher = sandbox{}
)

// Subscribe implements [engine.Source].
func (s sandbox) Subscribe(ctx context.Context, q engine.Query, deliver func(context.Context, engine.Received) error) error {
	q.Relays = []string{s.url}
	return s.network.Subscribe(ctx, q, deliver)
}

// Fetch implements [engine.Source].
func (s sandbox) Fetch(ctx context.Context, _ []string, filter nostr.Filter) ([]nostr.Event, error) {
	return s.network.Fetch(ctx, []string{s.url}, filter)
}

// Publish implements [engine.Publisher].
func (s sandbox) Publish(ctx context.Context, _ string, event nostr.Event) error {
	return s.network.Publish(ctx, s.url, event)
}
