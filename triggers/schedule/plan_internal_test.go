package schedule

import (
	"testing"
	"time"

	"rhea/triggers/cron"
)

func TestReadTime(t *testing.T) {
	t.Parallel()
	z, err := cron.LoadZone("Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	for text, want := range map[string]string{
		"2026-03-12 18:00":          "2026-03-12T18:00:00+01:00",
		"2026-03-29T02:30":          "2026-03-29T03:00:00+02:00",
		"2026-10-25T02:30:00":       "2026-10-25T02:30:00+02:00",
		"2026-03-12T18:00:00Z":      "2026-03-12T19:00:00+01:00",
		"2026-10-25T02:30:00+01:00": "2026-10-25T02:30:00+01:00",
	} {
		got, err := readTime(text, z)
		if err != nil || got.Format(time.RFC3339) != want {
			t.Errorf("%s is %s, %v, want %s", text, got.Format(time.RFC3339), err, want)
		}
	}
}
