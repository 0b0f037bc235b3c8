package cron

import (
	"testing"
	"time"
)

func TestSundays(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"0 0 * * 7":       "0 0 * * 0",
		"0 0 * * 5-7":     "0 0 * * 5-6/1,0",
		"0 0 * * 1-7/2":   "0 0 * * 1-6/2,0",
		"0 0 * * 1-7/4":   "0 0 * * 1-6/4",
		"0 0 * * 1,7":     "0 0 * * 1,0",
		"0 0 7 7 *":       "0 0 7 7 *",
		"7 7 7 7 7 7":     "7 7 7 7 7 0",
		"0 0 * * MON-FRI": "0 0 * * MON-FRI",
		"0 0 * * 1-7/x":   "0 0 * * 1-7/x",
		"@daily":          "@daily",
	} {
		if got := sundays(in); got != want {
			t.Errorf("%q becomes %q, want %q", in, got, want)
		}
	}
}

func FuzzCron(f *testing.F) {
	for _, seed := range []string{
		"0 18 * * THU", "*/15 9-17 * * 1-7/2", "@daily", "TZ=UTC", "CRON_TZ=", " TZ=UTC 0 0 * * *", "0 0 30 2 *",
		"@every 1s", "@", "0 0 0 0 0 0", ", , , , ,", "*/9223372036854775807 * * * *", "?/1 0-0 1-31/30 jan-dec *",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		fields, err := Parse(text)
		if err != nil {
			return
		}
		at, ok := fields.Next(0)
		if !ok {
			t.Fatalf("%q is accepted and never fires", text)
		}
		date := time.Unix(at, 0).UTC()
		if !has(fields.hour, date.Hour()) || !has(fields.minute, date.Minute()) || !has(fields.second, date.Second()) ||
			!has(fields.month, int(date.Month())) || !fields.day(date) {
			t.Fatalf("%q gives %v", text, date)
		}
	})
}
