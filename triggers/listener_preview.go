package triggers

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/nbd-wtf/go-nostr"

	"rhea/engine"
)

var _ engine.Previewer = (*listener)(nil)

// previewedFrom is how many events are looked at for every signal of a preview: the trigger may pass by some.
const previewedFrom = 4

// Preview implements [engine.Previewer]: it asks the relays for the newest events that match.
func (l *listener) Preview(ctx context.Context, now time.Time, n int) ([]engine.Signal, error) {
	var events []nostr.Event
	for _, f := range l.filters(now) {
		f.Limit = previewedFrom * n
		found, err := l.setup.Source.Fetch(ctx, l.setup.Relays, f)
		if err != nil {
			return nil, fmt.Errorf("asking for recent events: %w", err)
		}
		events = append(events, found...)
	}
	slices.SortStableFunc(events, func(a, b nostr.Event) int { return cmp.Compare(b.CreatedAt, a.CreatedAt) })
	var signals []engine.Signal
	for i := range events {
		e := &events[i]
		if len(signals) == n || slices.ContainsFunc(signals, func(s engine.Signal) bool { return s.Key == e.ID }) {
			continue
		}
		s, err := l.signal(ctx, engine.Received{Event: e})
		if err != nil {
			return nil, fmt.Errorf("looking at the event %s: %w", e.ID, err)
		}
		if s != nil {
			signals = append(signals, *s)
		}
	}
	return signals, nil
}
