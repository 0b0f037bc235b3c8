package triggers

import (
	"context"
	"fmt"
	"slices"
	"time"

	"rhea/engine"
)

// passOverlap is read twice by consecutive passes: relays get events late, and authors' clocks differ.
const passOverlap = 10 * time.Minute

// pass is one look at the relays: it hands in what was stored since the last pass. The first pass only notes when
// it was, as a feed's first run does.
func (l *listener) pass(ctx context.Context, in engine.Intake) error {
	stream := l.setup.Stream + "/pass"
	last, err := in.Position(ctx, stream)
	if err != nil {
		return err
	}
	now := time.Now()
	if since, err := time.Parse(time.RFC3339, last); err == nil {
		if err := l.fetch(ctx, in, since.Add(-passOverlap), now); err != nil {
			return engine.UnlessDone(ctx, err)
		}
	}
	return engine.UnlessDone(ctx, in.Advance(ctx, engine.Position{Stream: stream, Value: now.UTC().Format(time.RFC3339)}))
}

func (l *listener) fetch(ctx context.Context, in engine.Intake, since, now time.Time) error {
	if reach := now.Add(-l.setup.Reach); l.setup.Reach > 0 && since.Before(reach) {
		since = reach
	}
	for _, filter := range l.filters(now) {
		if from := timestamp(since); filter.Since == nil || *filter.Since < *from {
			filter.Since = from
		}
		events, err := l.setup.Source.Fetch(ctx, l.setup.Relays, filter)
		if err != nil {
			return fmt.Errorf("asking the relays: %w", err)
		}
		for _, e := range slices.Backward(events) {
			// Fetch has checked the signature and does not tell which relay had the event.
			if err := l.deliver(ctx, in, engine.Received{Event: &e}); err != nil {
				return err
			}
		}
	}
	return nil
}
