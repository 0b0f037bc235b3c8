package schedule

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"rhea/engine"
	"rhea/triggers/cron"
)

// plan is an endless or ending list of planned times.
type plan interface {
	// Next returns the first planned time after t, false when there is none.
	Next(t time.Time) (time.Time, bool)
}

// everyPlan plans multiples of a span since 1970-01-01T00:00:00Z, so that no restart shifts them.
type everyPlan struct {
	span time.Duration
	zone *time.Location
}

func (p everyPlan) Next(t time.Time) (time.Time, bool) {
	n, span := t.UnixNano(), p.span.Nanoseconds()
	n -= n % span
	if n <= t.UnixNano() {
		n += span
	}
	return time.Unix(0, n).In(p.zone), true
}

// atPlan plans fixed instants, in order.
type atPlan []time.Time

func (p atPlan) Next(t time.Time) (time.Time, bool) {
	i := slices.IndexFunc(p, t.Before)
	if i < 0 {
		return time.Time{}, false
	}
	return p[i], true
}

func readTimes(written []string, zone *time.Location) (plan, error) {
	if len(written) == 0 {
		return nil, engine.At("at", engine.ErrEmptyList)
	}
	var times atPlan
	var failed error
	for i, text := range written {
		t, err := readTime(text, zone)
		if err != nil {
			failed = errors.Join(failed, engine.At(fmt.Sprintf("at.%d", i), err))
		}
		times = append(times, t)
	}
	if failed != nil {
		return nil, failed
	}
	slices.SortFunc(times, time.Time.Compare)
	return times, nil
}

// readTime reads an instant, or what the clock on a wall in the zone shows then.
func readTime(text string, zone *time.Location) (time.Time, error) {
	text = strings.TrimSpace(text)
	if t, err := time.Parse(time.RFC3339, text); err == nil {
		return t.In(zone), nil
	}
	for _, layout := range []string{"2006-01-02T15:04:05", "2006-01-02 15:04:05", "2006-01-02T15:04", "2006-01-02 15:04"} {
		if t, err := time.Parse(layout, text); err == nil {
			return cron.OnWall(t.Unix(), zone), nil
		}
	}
	return time.Time{}, fmt.Errorf("%q is not a time; write 2026-03-12T18:00:00+01:00, or 2026-03-12 18:00 in the timezone", text)
}
