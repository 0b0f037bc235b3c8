package engine_test

import (
	"testing"
	"time"

	"rhea/engine"
)

func TestParseDuration(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]time.Duration{
		"90s": 90 * time.Second, "6h": 6 * time.Hour, "14d": 14 * 24 * time.Hour, "1w": 7 * 24 * time.Hour,
		"1h30m": 90 * time.Minute, "1.5h": 90 * time.Minute, "250ms": 250 * time.Millisecond,
	} {
		if got, err := engine.ParseDuration(in); err != nil || got.Std() != want {
			t.Errorf("ParseDuration(%q) = %v, %v; want %v", in, got, err, want)
		}
	}
	for _, in := range []string{"", "10", "1.5", "-3s", "5 minutes", "s", "1y", "99999999999d", "1h-3m", "٣s"} {
		if got, err := engine.ParseDuration(in); err == nil {
			t.Errorf("ParseDuration(%q) = %v, want an error", in, got)
		}
	}
}

func TestDurationString(t *testing.T) {
	t.Parallel()
	for want, d := range map[string]time.Duration{
		"1h": time.Hour, "1h30m": 90 * time.Minute, "10m": 10 * time.Minute, "1m30s": 90 * time.Second, "0s": 0,
		"1h0m1s": time.Hour + time.Second, "24h": 24 * time.Hour,
	} {
		if got := engine.Duration(d).String(); got != want {
			t.Errorf("%s is written %s, want %s", d, got, want)
		}
	}
}

func TestParseRate(t *testing.T) {
	t.Parallel()
	if got, err := engine.ParseRate("3/10m"); err != nil || got != (engine.Rate{Count: 3, Per: 10 * time.Minute}) {
		t.Errorf("ParseRate(3/10m) = %v, %v", got, err)
	}
	for _, in := range []string{"", "3", "3/10", "0/1h", "-1/1h", "x/1h", "3/0s", "3/"} {
		if got, err := engine.ParseRate(in); err == nil {
			t.Errorf("ParseRate(%q) = %v, want an error", in, got)
		}
	}
}

func FuzzParseDuration(f *testing.F) {
	f.Add("1h30m")
	f.Add("99999999999999999999w")
	f.Fuzz(func(t *testing.T, s string) {
		if d, err := engine.ParseDuration(s); err == nil && d < 0 {
			t.Errorf("ParseDuration(%q) = %v", s, d)
		}
	})
}
