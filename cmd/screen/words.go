package screen

import (
	"fmt"
	"regexp"
	"strings"
	"time"
	"unicode"

	"rhea/engine"
)

// Ago is how far a time is from now, in its largest unit.
func Ago(t, now time.Time) string {
	switch d := now.Sub(t); {
	case t.IsZero():
		return "never"
	case d < 0:
		return "in " + Span(-d)
	default:
		return Span(d) + " ago"
	}
}

// Span is a time span in its largest unit.
func Span(d time.Duration) string {
	const day = 24 * time.Hour
	switch {
	case d < time.Minute:
		return fmt.Sprintf("%ds", d/time.Second)
	case d < time.Hour:
		return fmt.Sprintf("%dm", d/time.Minute)
	case d < 2*day:
		return fmt.Sprintf("%dh", d/time.Hour)
	}
	return fmt.Sprintf("%dd", d/day)
}

// Moment is a time in JSON; never is null.
func Moment(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	t = t.UTC()
	return &t
}

// Count is a number of things: "1 relay", "2 replies".
func Count(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	if stem, ok := strings.CutSuffix(noun, "y"); ok && noun != "relay" {
		return fmt.Sprintf("%d %sies", n, stem)
	}
	return fmt.Sprintf("%d %ss", n, noun)
}

// Short is how a table shows an id.
func Short(id string) string {
	if len(id) > 8 {
		return id[:8]
	}
	return id
}

// longID is an id or a public key.
var longID = regexp.MustCompile(`\b[0-9a-f]{64}\b`)

// ReplaceIDs puts something in the place of each id and public key in a text.
func ReplaceIDs(s string, with func(id string) string) string {
	if len(s) < 64 {
		return s
	}
	return longID.ReplaceAllStringFunc(s, with)
}

// ShortIDs writes ids and public keys by how they begin, which is enough for every verb that wants one.
func ShortIDs(s string) string {
	return ReplaceIDs(s, func(id string) string { return Short(id) + "…" })
}

// OneLine makes a text fit for one line of a terminal: no control characters, and nothing that turns the line around.
func OneLine(s string) string {
	s = strings.Map(func(r rune) rune {
		if unicode.Is(unicode.Bidi_Control, r) {
			return -1
		}
		return r
	}, engine.Clean(s))
	return strings.TrimSpace(strings.NewReplacer("\n", " ", "\t", " ").Replace(s))
}

// Since is Ago for a time that may be missing.
func Since(t *time.Time, now time.Time) string {
	if t == nil {
		return "never"
	}
	return Ago(*t, now)
}
