package events

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/nbd-wtf/go-nostr"

	"rhea/engine"
)

var (
	_ engine.Fitter    = (*listener)(nil)
	_ engine.Previewer = (*listener)(nil)
)

// Sample implements [engine.Sampler]: it judges an event as a relay and this trigger would.
func (l *listener) Sample(ctx context.Context, s engine.Sample) ([]engine.Signal, error) {
	if s.Received == nil {
		return nil, &engine.Mismatch{Reason: "it listens for events, and none is given"}
	}
	if reason := unlike(l.filters(s.Now), s.Received.Event); reason != "" {
		return nil, &engine.Mismatch{Reason: reason}
	}
	signal, err := l.signal(ctx, *s.Received)
	if err != nil {
		return nil, err
	}
	if signal == nil {
		return nil, &engine.Mismatch{Reason: l.otherwise}
	}
	return []engine.Signal{*signal}, nil
}

// Fit implements [engine.Fitter] with the first value of everything that the first filter asks for.
func (l *listener) Fit(e *nostr.Event) {
	f := l.filters(time.Time{})[0]
	if e.Kind < 0 {
		e.Kind = nostr.KindTextNote
		if len(f.Kinds) > 0 {
			e.Kind = f.Kinds[0]
		}
	}
	if e.PubKey == "" && len(f.Authors) > 0 {
		e.PubKey = f.Authors[0]
	}
	if e.Tags != nil {
		return
	}
	e.Tags = nostr.Tags{}
	for _, name := range slices.Sorted(maps.Keys(f.Tags)) {
		e.Tags = append(e.Tags, nostr.Tag{name, f.Tags[name][0]})
	}
}

// unlike says why an event matches none of the filters; "" when it matches one. What only a relay can tell, such as
// whether a search finds it, counts as a match.
func unlike(filters nostr.Filters, e *nostr.Event) string {
	var reasons []string
	for _, f := range filters {
		reason := unlikeOne(f, e)
		if reason == "" {
			return ""
		}
		reasons = append(reasons, reason)
	}
	return strings.Join(reasons, "; or ")
}

func unlikeOne(f nostr.Filter, e *nostr.Event) string {
	switch {
	case f.Kinds != nil && !slices.Contains(f.Kinds, e.Kind):
		return fmt.Sprintf("kind %d is not in kinds %s", e.Kind, written(f.Kinds))
	case f.Authors != nil && !slices.Contains(f.Authors, e.PubKey):
		return "its author " + brief(e.PubKey) + " is not among the authors"
	case f.IDs != nil && !slices.Contains(f.IDs, e.ID):
		return "its id " + brief(e.ID) + " is not among the ids"
	case f.Since != nil && e.CreatedAt < *f.Since:
		return "it is older than since, " + f.Since.Time().UTC().Format(time.RFC3339)
	}
	for name, wanted := range f.Tags {
		if !e.Tags.ContainsAny(name, wanted) {
			var values []string
			for _, v := range wanted {
				values = append(values, brief(v))
			}
			return fmt.Sprintf("it has no tag %s with %s", name, strings.Join(values, " or "))
		}
	}
	return ""
}

func written(kinds []int) string { return strings.ReplaceAll(fmt.Sprint(kinds), " ", ", ") }

// brief shortens hex that nobody reads to its end.
func brief(hex string) string {
	if len(hex) == 64 {
		return hex[:8] + "…"
	}
	return hex
}

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
