package actions

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"rhea/engine"
)

// timeSpec is a point in time, or a span counted from the run.
type timeSpec struct {
	at    time.Time
	after time.Duration
}

// parseTimeSpec reads a duration (7d), unix seconds, or a time with its offset (RFC 3339).
func parseTimeSpec(s string) (timeSpec, error) {
	s = strings.TrimSpace(s)
	if unix, err := strconv.ParseInt(s, 10, 64); err == nil {
		if unix < 0 {
			return timeSpec{}, fmt.Errorf("%s lies before 1970", shown(s))
		}
		return timeSpec{at: time.Unix(unix, 0)}, nil
	}
	if d, err := engine.ParseDuration(s); err == nil {
		return timeSpec{after: d.Std()}, nil
	}
	if at, err := time.Parse(time.RFC3339, s); err == nil {
		return timeSpec{at: at}, nil
	}
	return timeSpec{}, fmt.Errorf("%s is no time; write a duration such as 7d, unix seconds, or 2026-01-31T18:00:00Z", shown(s))
}

// parseTime reads a timeSpec that does not depend on when it is read.
func parseTime(s string) (time.Time, error) {
	m, err := parseTimeSpec(s)
	if err == nil && m.at.IsZero() {
		err = fmt.Errorf("%s is a duration; write unix seconds or 2026-01-31T18:00:00Z", shown(s))
	}
	return m.at, err
}

// from resolves it at the time of a run.
func (m timeSpec) from(now time.Time) time.Time {
	if m.at.IsZero() {
		return now.Add(m.after)
	}
	return m.at
}
