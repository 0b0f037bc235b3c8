package relay

import (
	"slices"
	"strings"
	"time"

	"github.com/nbd-wtf/go-nostr"
)

const (
	// overlap is how far before its position a subscriber asks again, because relays get some events late.
	overlap = 15 * time.Minute
	// wrapOverlap is the overlap for private messages, which are dated up to two days back (NIP-59).
	wrapOverlap = 3 * 24 * time.Hour
	// maxFuture is how far ahead of our clock an event may be dated.
	maxFuture = 10 * time.Minute

	kindGiftWrap = 1059
)

// normalizeFilters copies the filters, with tag names without "#". It removes filters that match nothing: on the wire
// their empty lists would be left out, and the filter would match everything.
func normalizeFilters(filters nostr.Filters) nostr.Filters {
	var tidied nostr.Filters
	for _, f := range filters {
		f = f.Clone()
		empty := isEmpty(f.IDs) || isEmpty(f.Kinds) || isEmpty(f.Authors)
		tags := make(nostr.TagMap, len(f.Tags))
		for name, values := range f.Tags {
			empty = empty || isEmpty(values)
			if values != nil {
				tags[strings.TrimPrefix(name, "#")] = values
			}
		}
		f.Tags = tags
		if !empty {
			tidied = append(tidied, f)
		}
	}
	return tidied
}

func isEmpty[T any](list []T) bool { return list != nil && len(list) == 0 }

// isWrapped reports whether a filter asks for events whose created_at is not the time of sending.
func isWrapped(f nostr.Filter) bool {
	return slices.Contains(f.Kinds, kindGiftWrap)
}

// withSince sets since on the filters of a subscriber at a position. A filter with its own since keeps it.
func withSince(filters nostr.Filters, reached int64, maxAge time.Duration, now time.Time) nostr.Filters {
	dated := slices.Clone(filters)
	for i, f := range dated {
		if f.Since != nil {
			continue
		}
		back := overlap
		if isWrapped(f) {
			back = wrapOverlap
		}
		from := time.Unix(min(reached, now.Unix()), 0).Add(-back) // The clock may have been put back.
		if maxAge > 0 {
			if oldest := now.Add(-maxAge - back); from.Before(oldest) {
				from = oldest
			}
		}
		at := nostr.Timestamp(max(from.Unix(), 0))
		if f.Until != nil {
			at = min(at, *f.Until) // Relays refuse a since after until.
		}
		dated[i].Since = &at
	}
	return dated
}

// match returns the index of the first filter that the event matches, -1 for none.
func match(filters nostr.Filters, e *nostr.Event) int {
	return slices.IndexFunc(filters, func(f nostr.Filter) bool { return f.Matches(e) })
}
