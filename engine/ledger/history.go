package ledger

import (
	"slices"
	"strings"
	"time"

	"rhea/engine"
)

// Class groups outcomes by how much they matter, so that many ordinary decisions cannot push out the rest.
type Class string

// The classes of decisions.
const (
	// ClassFired is what the bot or its operator did, or would have done in a dry run.
	ClassFired Class = "fired"
	// ClassFailed is what should have happened and did not.
	ClassFailed Class = "failed"
	// ClassOther is everything that was rightly not answered.
	ClassOther Class = "other"
)

// Classes returns all classes.
func Classes() []Class { return []Class{ClassFired, ClassFailed, ClassOther} }

// ClassOf returns the class of an outcome. Outcomes that strangers can cause at will, such as bad signatures, are never
// more than other.
func ClassOf(o engine.Outcome) Class {
	switch o {
	case engine.Fired, engine.DryRun, engine.Resumed, engine.Undone, engine.Rerun:
		return ClassFired
	case engine.ActionError, engine.ConditionError:
		return ClassFailed
	default:
		return ClassOther
	}
}

// Limits caps the history.
type Limits struct {
	// Fired, Failed and Other are the largest numbers of decisions of each class; 0 means the default.
	Fired, Failed, Other int
	// Age is how long a decision is kept; 0 means the default.
	Age time.Duration
}

// WithDefaults replaces zeros: 50,000 fired, 20,000 failed, 20,000 others, 90 days.
func (l Limits) WithDefaults() Limits {
	for _, f := range []struct {
		field *int
		value int
	}{{&l.Fired, 50_000}, {&l.Failed, 20_000}, {&l.Other, 20_000}} {
		if *f.field <= 0 {
			*f.field = f.value
		}
	}
	if l.Age <= 0 {
		l.Age = 90 * 24 * time.Hour
	}
	return l
}

// Of returns the cap of a class.
func (l Limits) Of(c Class) int {
	switch c {
	case ClassFired:
		return l.Fired
	case ClassFailed:
		return l.Failed
	default:
		return l.Other
	}
}

// DefaultHistory is the number of decisions that a query without a limit returns.
const DefaultHistory = 100

// Selects reports whether a query selects a decision, its limit aside.
func Selects(q engine.HistoryQuery, d engine.Decision) bool {
	return (q.Rule == "" || q.Rule == d.Rule) && (q.Outcome == "" || q.Outcome == d.Outcome) &&
		(q.Since.IsZero() || !d.At.Before(q.Since)) && (q.Event == "" || concerns(d, q.Event))
}

// concerns reports whether a decision is about an event, or published one, whose id begins with this.
func concerns(d engine.Decision, id string) bool {
	return strings.HasPrefix(d.Key, id) ||
		slices.ContainsFunc(d.Published, func(made string) bool { return strings.HasPrefix(made, id) })
}

// maxText is the longest reason or detail that is stored, in bytes.
const maxText = 1024

// Text makes the words of a relay or a stranger fit to be stored and shown: valid UTF-8, without NUL, at most 1,024
// bytes.
func Text(s string) string {
	if len(s) > maxText {
		s = s[:maxText] + "…"
	}
	s = strings.ToValidUTF8(s, "\uFFFD")
	return strings.ReplaceAll(s, "\x00", "\uFFFD")
}
