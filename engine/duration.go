package engine

import (
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// Duration is a time span in a configuration: Go's syntax plus d (24 h) and w (7 d).
type Duration time.Duration

var (
	durationForm = regexp.MustCompile(`^(\d+(\.\d+)?(ns|us|µs|ms|s|m|h|d|w))+$`)
	durationPart = regexp.MustCompile(`(\d+(?:\.\d+)?)(ns|us|µs|ms|s|m|h|d|w)`)
	bareNumber   = regexp.MustCompile(`^[\d.]+$`)
)

// ParseDuration reads "90s", "6h", "14d", "1h30m". A bare number is an error, as is a negative span.
func ParseDuration(s string) (Duration, error) {
	if bareNumber.MatchString(s) {
		return 0, fmt.Errorf("%q has no unit; write %ss, %sm, %sh or %sd", s, s, s, s, s)
	}
	if !durationForm.MatchString(s) {
		return 0, fmt.Errorf("%q is not a duration; write one such as 90s, 6h, 14d or 1h30m", s)
	}
	total := 0.0
	for _, p := range durationPart.FindAllStringSubmatch(s, -1) {
		n, err := strconv.ParseFloat(p[1], 64)
		if err != nil {
			return 0, fmt.Errorf("%q is not a duration: %w", s, err)
		}
		total += n * float64(unit(p[2]))
	}
	if total > float64(1<<63-1) {
		return 0, fmt.Errorf("%q is longer than 292 years", s)
	}
	return Duration(total), nil
}

func unit(name string) time.Duration {
	switch name {
	case "ns":
		return time.Nanosecond
	case "us", "µs":
		return time.Microsecond
	case "ms":
		return time.Millisecond
	case "s":
		return time.Second
	case "m":
		return time.Minute
	case "h":
		return time.Hour
	case "d":
		return 24 * time.Hour
	default:
		return 7 * 24 * time.Hour
	}
}

// UnmarshalText makes a Duration a scalar of the configuration.
func (d *Duration) UnmarshalText(text []byte) error {
	v, err := ParseDuration(string(text))
	if err == nil {
		*d = v
	}
	return err
}

// Std returns the span as the standard library's type.
func (d Duration) Std() time.Duration { return time.Duration(d) }

// String writes the span without the zeros that Go's own form ends with: 1h, not 1h0m0s.
func (d Duration) String() string {
	s := time.Duration(d).String()
	if strings.HasSuffix(s, "m0s") {
		s = strings.TrimSuffix(s, "0s")
	}
	if strings.HasSuffix(s, "h0m") {
		s = strings.TrimSuffix(s, "0m")
	}
	return s
}

// Rate is so many per time span, written "3/10m".
type Rate struct {
	Count int
	Per   time.Duration
}

// ParseRate reads "3/10m".
func ParseRate(s string) (Rate, error) {
	count, per, ok := strings.Cut(s, "/")
	n, err := strconv.Atoi(count)
	if !ok || err != nil || n < 1 {
		return Rate{}, fmt.Errorf("%q is not a rate; write a count and a duration such as 3/10m", s)
	}
	d, err := ParseDuration(per)
	if err == nil && d == 0 {
		err = errors.New("the time span is zero")
	}
	if err != nil {
		return Rate{}, fmt.Errorf("%q is not a rate: %w", s, err)
	}
	return Rate{Count: n, Per: d.Std()}, nil
}

// UnmarshalText makes a Rate a scalar of the configuration.
func (r *Rate) UnmarshalText(text []byte) error {
	v, err := ParseRate(string(text))
	if err == nil {
		*r = v
	}
	return err
}

func (r Rate) String() string { return fmt.Sprintf("%d/%s", r.Count, Duration(r.Per)) }
