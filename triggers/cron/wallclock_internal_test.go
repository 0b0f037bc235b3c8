package cron

import (
	"fmt"
	"strings"
	"testing"
	"time"
	_ "time/tzdata" // The zones must be the same on every machine.
)

func zone(t testing.TB, name string) *time.Location {
	t.Helper()
	z, err := time.LoadLocation(name)
	if err != nil {
		t.Fatal(err)
	}
	return z
}

func cronOf(t testing.TB, text string) Fields {
	t.Helper()
	f, err := Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// upcoming lists the planned times after from and before to.
func upcoming(p Plan, from, to time.Time) []time.Time {
	var all []time.Time
	for t, ok := p.Next(from); ok && t.Before(to); t, ok = p.Next(t) {
		all = append(all, t)
	}
	return all
}

func TestClockChanges(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name, cron, zone, day string
		want                  string
	}{
		{"skipped: fires once right after", "30 2 * * *", "Europe/Berlin", "2026-03-29", "03:00+02:00"},
		{"all of a skipped hour: fires once", "*/15 2 * * *", "Europe/Berlin", "2026-03-29", "03:00+02:00"},
		{"skipped and the end of the skip", "0 2,3 * * *", "Europe/Berlin", "2026-03-29", "03:00+02:00"},
		{"the first of the skip", "0 2 * * *", "Europe/Berlin", "2026-03-29", "03:00+02:00"},
		{"just before the skip", "59 1 * * *", "Europe/Berlin", "2026-03-29", "01:59+01:00"},
		{"repeated: the first pass counts", "30 2 * * *", "Europe/Berlin", "2026-10-25", "02:30+02:00"},
		{"the first of the repeat", "0 2 * * *", "Europe/Berlin", "2026-10-25", "02:00+02:00"},
		{"the end of the repeat", "0 3 * * *", "Europe/Berlin", "2026-10-25", "03:00+01:00"},
		{"quarters through the repeat", "*/30 2-3 * * *", "Europe/Berlin", "2026-10-25", "02:00+02:00 02:30+02:00 03:00+01:00 03:30+01:00"},
		{"half an hour forward", "15 2 * * *", "Australia/Lord_Howe", "2026-10-04", "02:30+11:00"},
		{"half an hour back", "45 1 * * *", "Australia/Lord_Howe", "2026-04-05", "01:45+11:00"},
		{"midnight skipped", "0 0 * * *", "America/Sao_Paulo", "2018-11-04", "01:00-02:00"},
		{"midnight repeated", "30 23 * * *", "America/Sao_Paulo", "2018-02-17", "23:30-02:00"},
		{"two hours", "0 2 * * *", "Antarctica/Troll", "2026-03-29", "03:00+02:00"},
		{"no change", "30 2 * * *", "Europe/Berlin", "2026-03-28", "02:30+01:00"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			z := zone(t, tt.zone)
			day, err := time.ParseInLocation(time.DateOnly, tt.day, z)
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, at := range upcoming(Plan{cronOf(t, tt.cron), z}, day.Add(-time.Minute), day.Add(26*time.Hour)) {
				if at.Format(time.DateOnly) == tt.day {
					got = append(got, at.Format("15:04-07:00"))
				}
			}
			if strings.Join(got, " ") != tt.want {
				t.Errorf("fires at %q, want %q", got, tt.want)
			}
		})
	}
}

func TestDayThatNeverWas(t *testing.T) {
	t.Parallel()
	z := zone(t, "Pacific/Apia") // From the 29th of December 2011 to the 31st.
	from := time.Date(2011, 12, 29, 13, 0, 0, 0, z)
	var got []string
	for _, at := range upcoming(Plan{cronOf(t, "0 12 * * *"), z}, from, from.AddDate(0, 0, 4)) {
		got = append(got, at.Format("02 15:04"))
	}
	if want := "[31 00:00 31 12:00 01 12:00 02 12:00]"; fmt.Sprint(got) != want {
		t.Errorf("fires on %v, want %s", got, want)
	}
}

// Beyond the table of changes the standard library computes them, and errs at the end of leap years.
func TestFarYears(t *testing.T) {
	t.Parallel()
	for _, name := range someZones {
		z := zone(t, name)
		p := Plan{cronOf(t, "0 18 * * *"), z}
		from := time.Date(2039, 12, 1, 0, 0, 0, 0, z)
		days := upcoming(p, from, time.Date(2045, 2, 1, 0, 0, 0, 0, z))
		if want := 62 + 5*365 + 2; len(days) != want {
			t.Errorf("%s: %d days, want %d", name, len(days), want)
		}
		for _, d := range days {
			if d.Format("15:04") != "18:00" {
				t.Errorf("%s: %v", name, d)
			}
		}
	}
}

func TestLeapDay(t *testing.T) {
	t.Parallel()
	p := Plan{cronOf(t, "0 0 29 2 *"), time.UTC}
	got, ok := p.Next(time.Date(2096, 3, 1, 0, 0, 0, 0, time.UTC))
	if want := time.Date(2104, 2, 29, 0, 0, 0, 0, time.UTC); !ok || !got.Equal(want) {
		t.Errorf("next is %v, want %v", got, want)
	}
}

var someZones = []string{
	"UTC", "Europe/Berlin", "Europe/London", "Europe/Dublin", "Europe/Lisbon", "Europe/Moscow", "Europe/Istanbul",
	"America/New_York", "America/St_Johns", "America/Sao_Paulo", "America/Caracas", "America/Havana",
	"America/Asuncion", "America/Santiago", "America/Scoresbysund", "America/Nuuk", "America/Mexico_City",
	"Africa/Casablanca", "Africa/Cairo", "Africa/Windhoek", "Africa/Juba", "Asia/Tehran", "Asia/Kathmandu",
	"Asia/Kolkata", "Asia/Pyongyang", "Asia/Amman", "Asia/Beirut", "Asia/Gaza", "Asia/Damascus", "Asia/Hovd",
	"Australia/Sydney", "Australia/Lord_Howe", "Australia/Adelaide", "Pacific/Auckland", "Pacific/Chatham",
	"Pacific/Apia", "Pacific/Fiji", "Pacific/Kwajalein", "Antarctica/Troll", "Antarctica/Casey",
}

func FuzzNextOnWall(f *testing.F) {
	f.Add("30 2 * * *", int64(1774746000), 1)
	f.Add("*/7 * 29 2 *", int64(0), 35)
	f.Fuzz(func(t *testing.T, text string, unix int64, n int) {
		fields, err := Parse(text)
		if err != nil || unix < -3e9 || unix > 1e10 {
			return
		}
		z := zone(t, someZones[uint(n)%uint(len(someZones))])
		from := time.Unix(unix, 0)
		p := Plan{fields, z}
		first, ok := p.Next(from)
		if !ok || !first.After(from) {
			t.Fatalf("%q after %v is %v, %t", text, from, first, ok)
		}
		second, ok := p.Next(first)
		if !ok || !second.After(first) {
			t.Fatalf("%q after %v is %v, %t", text, first, second, ok)
		}
		// What comes next does not depend on where between two times one asks.
		middle := first.Add(second.Sub(first) / 2)
		if again, _ := p.Next(middle); !again.Equal(second) {
			t.Fatalf("%q after %v is %v, after %v %v", text, first, second, middle, again)
		}
	})
}

func BenchmarkNextOnWall(b *testing.B) {
	p := Plan{cronOf(b, "0 18 * * THU"), zone(b, "Europe/Berlin")}
	t := time.Date(2026, 3, 28, 0, 0, 0, 0, time.UTC)
	for b.Loop() {
		p.Next(t)
	}
}
