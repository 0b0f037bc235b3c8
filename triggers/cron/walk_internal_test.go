package cron

import (
	_ "embed"
	"flag"
	"hash/fnv"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

var walks = flag.Int("walks", 8, "how many plans are compared with a walk in each time zone")

// allZones are the names of the time zone database that Go embeds.
//
//go:embed testdata/zones.txt
var allZones string

// TestNextAgreesWithAWalk compares the times of random plans, half of them around a change of the clock, with those
// of a clock that is watched minute by minute, in every zone there is.
func TestNextAgreesWithAWalk(t *testing.T) {
	t.Parallel()
	var cases, fired atomic.Int64
	t.Run("zones", func(t *testing.T) {
		t.Parallel()
		t.Cleanup(func() { t.Logf("%d plans, %d times", cases.Load(), fired.Load()) })
		for name := range strings.FieldsSeq(allZones) {
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				z := zone(t, name)
				seed := fnv.New64a()
				_, _ = seed.Write([]byte(name))
				rng := rand.New(rand.NewPCG(seed.Sum64(), 1))
				settings := changes(z, time.Date(1973, 1, 1, 0, 0, 0, 0, z), time.Date(2060, 1, 1, 0, 0, 0, 0, z))
				for n := 0; n < *walks; {
					cron, matches := randomCron(rng)
					from := settings[rng.IntN(len(settings))].Add(time.Duration(rng.IntN(60*60)-30*60) * time.Minute)
					if n%2 == 1 {
						from = time.Unix(rng.Int64N(88*365*86400)+2*365*86400, 0).In(z)
					}
					from = from.Truncate(time.Minute)
					to := from.Add(time.Duration(rng.IntN(48)+3) * time.Hour)
					fields, err := Parse(cron)
					if err != nil || oddOffset(from.Add(-repeatable), to) {
						continue
					}
					got, want := upcoming(Plan{fields, z}, from, to), walk(z, from, to, matches)
					if !slices.EqualFunc(got, want, time.Time.Equal) {
						t.Fatalf("%s after %s:\n%v, want\n%v", cron, from, got, want)
					}
					n++
					cases.Add(1)
					fired.Add(int64(len(got)))
				}
			})
		}
	})
}

// A walk is a slow and obvious clock: it looks at the wall every minute and fires when the hand has come to, or
// jumped over, a matching minute that it has not shown before.
func walk(z *time.Location, from, to time.Time, matches func(time.Time) bool) []time.Time {
	var fired []time.Time
	var shown int64
	for at := from.Add(-repeatable); at.Before(to); at = at.Add(time.Minute) {
		wall := (at.Unix() + offset(at.In(z))) / 60
		if at.After(from) {
			hit := false
			for m := shown + 1; m <= wall; m++ {
				hit = hit || matches(time.Unix(m*60, 0).UTC())
			}
			if hit {
				fired = append(fired, at.In(z))
			}
		}
		shown = max(shown, wall)
	}
	return fired
}

// oddOffset reports whether the clock is ahead by a broken minute, as some were until 1972.
func oddOffset(from, to time.Time) bool {
	for at := from; at.Before(to); at = at.Add(time.Hour) {
		if offset(at)%60 != 0 {
			return true
		}
	}
	return offset(to)%60 != 0
}

// changes lists when the clocks of a zone were set, or the beginning if they never were.
func changes(z *time.Location, from, to time.Time) []time.Time {
	var all []time.Time
	for t := from; ; {
		end := nextChange(t)
		if end.IsZero() || end.After(to) {
			break
		}
		all = append(all, end.In(z))
		t = end
	}
	if all == nil {
		all = append(all, from)
	}
	return all
}

// randomCron makes five fields and, apart from them, what they mean.
func randomCron(rng *rand.Rand) (text string, matches func(time.Time) bool) {
	minute, minutes, _ := randomField(rng, 0, 59, 0.2)
	hour, hours, _ := randomField(rng, 0, 23, 0.4)
	dom, doms, anyDom := randomField(rng, 1, 31, 0.7)
	month, months, _ := randomField(rng, 1, 12, 0.8)
	dow, dows, anyDow := randomField(rng, 0, 7, 0.6)
	return strings.Join([]string{minute, hour, dom, month, dow}, " "), func(t time.Time) bool {
		onDate := doms[t.Day()]
		onWeekday := dows[int(t.Weekday())] || t.Weekday() == time.Sunday && dows[7]
		day := onDate && onWeekday
		if !anyDom && !anyDow {
			day = onDate || onWeekday // POSIX crontab.
		}
		return minutes[t.Minute()] && hours[t.Hour()] && months[int(t.Month())] && day
	}
}

func randomField(rng *rand.Rand, least, most int, star float64) (text string, set map[int]bool, all bool) {
	set = make(map[int]bool)
	if rng.Float64() < star {
		for n := least; n <= most; n++ {
			set[n] = true
		}
		return "*", set, true
	}
	var parts []string
	for range rng.IntN(3) + 1 {
		from := least + rng.IntN(most-least+1)
		to, step := from, 1
		part := strconv.Itoa(from)
		if rng.IntN(2) == 0 {
			to = from + rng.IntN(most-from+1)
			part += "-" + strconv.Itoa(to)
			if rng.IntN(2) == 0 {
				step = rng.IntN(most-least) + 1
				part += "/" + strconv.Itoa(step)
			}
		}
		for n := from; n <= to; n += step {
			set[n] = true
		}
		parts = append(parts, part)
	}
	return strings.Join(parts, ","), set, false
}

func TestZonesAreAllThere(t *testing.T) {
	t.Parallel()
	n := 0
	for name := range strings.FieldsSeq(allZones) {
		if z := zone(t, name); z.String() != name {
			t.Errorf("%s is %s", name, z)
		}
		n++
	}
	if n < 590 {
		t.Errorf("there are %d zones", n)
	}
}

func BenchmarkWalk(b *testing.B) {
	z := zone(b, "Europe/Berlin")
	from := time.Date(2026, 3, 28, 0, 0, 0, 0, z)
	for b.Loop() {
		walk(z, from, from.AddDate(0, 0, 1), func(time.Time) bool { return false })
	}
}
