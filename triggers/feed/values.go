package feed

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"rhea/engine"
	"rhea/triggers/cron"
)

// Interval is when a feed is looked at: every so often, at the times of a cron expression, or, as the zero value, as
// the feed's own habits suggest.
type Interval struct {
	every time.Duration
	cron  *cron.Fields
	text  string
}

// Every is an interval of a fixed length.
func Every(d time.Duration) Interval { return Interval{every: d} }

// UnmarshalText reads "auto", a duration, or a cron expression of five or six fields.
func (i *Interval) UnmarshalText(text []byte) error {
	s := strings.TrimSpace(string(text))
	switch {
	case s == "auto":
		*i = Interval{}
		return nil
	case strings.Contains(s, " ") || strings.HasPrefix(s, "@"):
		fields, err := cron.Parse(s)
		if err != nil {
			return err
		}
		*i = Interval{cron: &fields, text: s}
		return nil
	}
	d, err := engine.ParseDuration(s)
	if err != nil {
		return fmt.Errorf("%w, auto, or a cron expression", err)
	}
	if d <= 0 {
		return errors.New("is not a time span; write 15m, auto, or a cron expression")
	}
	*i = Interval{every: d.Std()}
	return nil
}

// MarshalText writes what UnmarshalText reads.
func (i Interval) MarshalText() ([]byte, error) {
	switch {
	case i.cron != nil:
		return []byte(i.text), nil
	case i.every > 0:
		return []byte(i.every.String()), nil
	}
	return []byte("auto"), nil
}

// shortest returns the shortest time between two looks, 0 for auto.
func (i Interval) shortest() time.Duration {
	if i.cron == nil {
		return i.every
	}
	least := longestRest
	last, ok := i.cron.Next(0)
	for range 200 {
		next, more := int64(0), false
		if ok {
			next, more = i.cron.Next(last)
		}
		if !more {
			break
		}
		least = min(least, time.Duration(next-last)*time.Second)
		last = next
	}
	return least
}

// rest returns how long to wait before the next look at a feed that could be read.
func (i Interval) rest(now time.Time, zone *time.Location, m pollHints, freshFor time.Duration) time.Duration {
	switch {
	case i.cron != nil:
		if next, ok := (cron.Plan{Fields: *i.cron, Zone: zone}).Next(now); ok {
			return next.Sub(now)
		}
		return longestRest
	case i.every > 0:
		return i.every
	}
	return m.auto(now, freshFor)
}

// HoldAbove is how many new items at once hold a feed: a number, auto or never.
type HoldAbove int

const (
	holdAuto  HoldAbove = 0
	holdNever HoldAbove = -1
)

// UnmarshalText reads "auto", "never" or a number.
func (h *HoldAbove) UnmarshalText(text []byte) error {
	switch string(text) {
	case "auto":
		*h = holdAuto
		return nil
	case "never":
		*h = holdNever
		return nil
	}
	var n int
	if _, err := fmt.Sscanf(string(text), "%d", &n); err != nil || n < 1 || strconv.Itoa(n) != string(text) {
		return fmt.Errorf("%q is not a number of items; write a number, auto or never", text)
	}
	*h = HoldAbove(n)
	return nil
}

// MarshalText writes what UnmarshalText reads.
func (h HoldAbove) MarshalText() ([]byte, error) {
	switch h {
	case holdAuto:
		return []byte("auto"), nil
	case holdNever:
		return []byte("never"), nil
	}
	return fmt.Append(nil, int(h)), nil
}
