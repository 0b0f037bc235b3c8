package relay

import (
	"fmt"
	"slices"
	"time"
	"unicode/utf8"

	"github.com/nbd-wtf/go-nostr"

	"rhea/engine"
)

// Objections says what in an event goes against what the relay says it takes; nothing when it may well take it.
func (p Policy) Objections(e *nostr.Event, now time.Time) []string {
	var all []string
	if slices.ContainsFunc(p.Refused, func(kinds [2]int) bool { return kinds[0] <= e.Kind && e.Kind <= kinds[1] }) {
		all = append(all, fmt.Sprintf("does not keep events of kind %d", e.Kind))
	}
	more := func(what string, is, most int) {
		if most > 0 && is > most {
			all = append(all, fmt.Sprintf("takes %d %s, and this has %d", most, what, is))
		}
	}
	more("characters of text", utf8.RuneCountInString(e.Content), p.MaxContent)
	more("tags", len(e.Tags), p.MaxTags)
	more("bytes", len(e.String())+len(`["EVENT",]`), p.MaxMessage)
	from, to := p.dateBounds(now)
	if e.CreatedAt.Time().Before(from) {
		all = append(all, "takes no events older than "+engine.Duration(p.MaxPast).String())
	}
	if !to.IsZero() && e.CreatedAt.Time().After(to) {
		all = append(all, "takes no events dated more than "+engine.Duration(p.MaxFuture).String()+" ahead")
	}
	return all
}

// dateBounds returns the bounds of created_at that the relay names; zero without one.
func (p Policy) dateBounds(now time.Time) (from, to time.Time) {
	if p.MaxPast > 0 {
		from = now.Add(-p.MaxPast)
	}
	if p.MaxFuture > 0 {
		to = now.Add(p.MaxFuture)
	}
	return from, to
}

// rejectsDate reports whether the event lies outside of them.
func (p Policy) rejectsDate(e *nostr.Event, now time.Time) bool {
	from, to := p.dateBounds(now)
	at := e.CreatedAt.Time()
	return at.Before(from) || !to.IsZero() && at.After(to)
}
