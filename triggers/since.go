package triggers

import (
	"fmt"
	"time"

	"rhea/engine"
)

// Since is where the past that is wanted begins: a time span back from the start, or a fixed time.
type Since struct {
	Back engine.Duration
	At   time.Time
}

// UnmarshalText reads "6h", "2026-03-01" (midnight UTC) or "2026-03-01T12:00:00Z".
func (s *Since) UnmarshalText(text []byte) error {
	for _, layout := range []string{time.RFC3339, time.DateOnly} {
		if at, err := time.Parse(layout, string(text)); err == nil {
			*s = Since{At: at}
			return nil
		}
	}
	back, err := engine.ParseDuration(string(text))
	if err != nil {
		return fmt.Errorf("%q is neither a time span such as 6h nor a time such as 2026-03-01T12:00:00Z", text)
	}
	*s = Since{Back: back}
	return nil
}

// IsZero reports whether no past is wanted.
func (s Since) IsZero() bool { return s == Since{} }

func (s Since) from(now time.Time) time.Time {
	if s.At.IsZero() {
		return now.Add(-s.Back.Std())
	}
	return s.At
}
