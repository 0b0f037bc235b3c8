package actions

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"rhea/engine"
)

// moment is a point in time, or a span counted from the run.
type moment struct {
	at    time.Time
	after time.Duration
}

// parseMoment reads a duration (7d), unix seconds, or a time with its offset (RFC 3339).
func parseMoment(s string) (moment, error) {
	s = strings.TrimSpace(s)
	if unix, err := strconv.ParseInt(s, 10, 64); err == nil {
		if unix < 0 {
			return moment{}, fmt.Errorf("%s lies before 1970", shown(s))
		}
		return moment{at: time.Unix(unix, 0)}, nil
	}
	if d, err := engine.ParseDuration(s); err == nil {
		return moment{after: d.Std()}, nil
	}
	if at, err := time.Parse(time.RFC3339, s); err == nil {
		return moment{at: at}, nil
	}
	return moment{}, fmt.Errorf("%s is no time; write a duration such as 7d, unix seconds, or 2026-01-31T18:00:00Z", shown(s))
}

// parseTime reads a moment that does not depend on when it is read.
func parseTime(s string) (time.Time, error) {
	m, err := parseMoment(s)
	if err == nil && m.at.IsZero() {
		err = fmt.Errorf("%s is a duration; write unix seconds or 2026-01-31T18:00:00Z", shown(s))
	}
	return m.at, err
}

// from resolves the moment at the time of a run.
func (m moment) from(now time.Time) time.Time {
	if m.at.IsZero() {
		return now.Add(m.after)
	}
	return m.at
}
