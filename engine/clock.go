package engine

import "time"

// Clock is the time that signals are judged by. The zero value is the clock on the wall; a rehearsal has its own,
// which stands still until it is moved.
type Clock struct {
	// Now returns the time; nil means time.Now.
	Now func() time.Time
	// After returns a channel that receives once a time span has passed; nil means time.After.
	After func(d time.Duration) <-chan time.Time
}

// Unset reports whether a clock that shows t was never set: no true one shows a time before this program was written.
// Machines without a battery begin in 1970, or when their firmware was made.
func Unset(t time.Time) bool {
	return t.Before(time.Date(2026, time.November, 1, 0, 0, 0, 0, time.UTC))
}

// ParseTime reads a time (RFC 3339) or a date, which is its midnight in UTC; false when the text is neither.
func ParseTime(text string) (time.Time, bool) {
	for _, layout := range []string{time.RFC3339, time.DateOnly} {
		if t, err := time.Parse(layout, text); err == nil {
			return t, true
		}
	}
	return time.Time{}, false
}

// OnWall fills what is left out.
func (c Clock) OnWall() Clock {
	if c.Now == nil {
		c.Now = time.Now
	}
	if c.After == nil {
		c.After = time.After
	}
	return c
}
