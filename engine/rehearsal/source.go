package rehearsal

import (
	"cmp"
	"context"
	"slices"
	"sync"

	"github.com/nbd-wtf/go-nostr"

	"rhea/engine"
)

// source has the events that it was given, and asks the next source for others if there is one.
type source struct {
	next engine.Source

	mu     sync.Mutex
	events []nostr.Event
}

var _ engine.Source = (*source)(nil)

func (s *source) add(events ...nostr.Event) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.events = append(s.events, events...)
}

// Subscribe implements [engine.Source]: nothing happens by itself here.
func (s *source) Subscribe(ctx context.Context, _ engine.Query, _ func(context.Context, engine.Received) error) (func(), error) {
	return func() { <-ctx.Done() }, nil
}

// Fetch implements [engine.Source].
func (s *source) Fetch(ctx context.Context, relays []string, filter nostr.Filter) ([]nostr.Event, error) {
	if found := s.find(filter); len(found) > 0 || s.next == nil {
		return found, nil
	}
	return s.next.Fetch(ctx, relays, filter)
}

func (s *source) find(filter nostr.Filter) []nostr.Event {
	s.mu.Lock()
	defer s.mu.Unlock()
	var found []nostr.Event
	for _, e := range s.events {
		if filter.Matches(&e) {
			found = append(found, e)
		}
	}
	slices.SortStableFunc(found, func(a, b nostr.Event) int { return cmp.Compare(b.CreatedAt, a.CreatedAt) })
	if filter.Limit > 0 && len(found) > filter.Limit {
		found = found[:filter.Limit]
	}
	return found
}
