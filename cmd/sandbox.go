package cmd

import (
	"context"

	"github.com/nbd-wtf/go-nostr"

	"rhea/engine"
	"rhea/engine/relay"
)

// sandbox sends everything to one relay in this process, also what names another one, such as a hint in an event.
type sandbox struct {
	network *relay.Network
	url     string
}

var (
	_ engine.Source    = sandbox{}
	_ engine.Publisher = sandbox{}
)

// replaceRelays makes the rules themselves name the sandbox, so that what is published, logged and written into tags
// does not claim to come from anywhere else.
func (s sandbox) replaceRelays(rules []engine.Rule) {
	only := func(relays *[]string) {
		if len(*relays) > 0 {
			*relays = []string{s.url}
		}
	}
	for i := range rules {
		r := &rules[i]
		r.Relays = []string{s.url}
		for j := range r.Triggers {
			only(&r.Triggers[j].Relays)
		}
		for j := range r.Steps {
			only(&r.Steps[j].Relays)
		}
	}
}

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
