package cron

import (
	"errors"
	"fmt"
	"math/bits"
	"strconv"
	"strings"
	"time"

	"github.com/robfig/cron/v3"
)

// Fields holds the allowed values of each field as bits: bit n stands for n, the top bit for a star.
type Fields struct {
	second, minute, hour, dom, month, dow uint64
}

const starBit = 1 << 63

const cronForm = `write minute hour day month weekday, such as "0 18 * * THU" or "*/15 9-17 * * MON-FRI", ` +
	"with seconds before them if you need those"

var errNeverFires = errors.New("never fires: no date matches it; check the day against the month")

// Parse reads five fields, six with the seconds first, or a name such as @daily. Only the syntax is the
// library's: its own idea of a time zone panics on some input, and its next time loses and doubles runs when
// clocks change.
func Parse(text string) (Fields, error) {
	text = strings.TrimSpace(text)
	switch {
	case strings.Contains(strings.ToUpper(text), "TZ="):
		return Fields{}, errors.New("holds a time zone; write it as timezone: Europe/Berlin beside cron")
	case strings.HasPrefix(text, "@every"):
		return Fields{}, fmt.Errorf("holds a time span; write every: %s instead of cron",
			strings.TrimSpace(strings.TrimPrefix(text, "@every")))
	}
	parser := cron.NewParser(cron.SecondOptional | cron.Minute | cron.Hour | cron.Dom | cron.Month | cron.Dow |
		cron.Descriptor)
	parsed, err := parser.Parse(sundays(text))
	if err != nil {
		return Fields{}, fmt.Errorf("%q is no cron expression: %s; %s", text, plainReason(err), cronForm)
	}
	spec, ok := parsed.(*cron.SpecSchedule)
	if !ok {
		return Fields{}, fmt.Errorf("%q is no cron expression; %s", text, cronForm)
	}
	f := Fields{spec.Second, spec.Minute, spec.Hour, spec.Dom, spec.Month, spec.Dow}
	if _, ok := f.Next(0); !ok {
		return Fields{}, errNeverFires
	}
	return f, nil
}

// Plan are the times at which the clock on a wall in a zone shows what the fields allow.
type Plan struct {
	Fields Fields
	Zone   *time.Location
}

// Next returns the first planned instant after t, false when there is none.
func (p Plan) Next(t time.Time) (time.Time, bool) { return nextOnWall(t, p.Zone, p.Fields.Next) }

// sundays rewrites a 7 among the weekdays, which every crontab takes for Sunday, as 0, which the parser knows.
func sundays(text string) string {
	fields := strings.Fields(text)
	if len(fields) < 5 {
		return text
	}
	days := strings.Split(fields[len(fields)-1], ",")
	for i, day := range days {
		span, step, stepped := strings.Cut(day, "/")
		from, to, ranged := strings.Cut(span, "-")
		first, err := strconv.Atoi(from)
		switch {
		case err != nil || first < 0 || first > 7:
		case first == 7 && (!ranged || to == "7"):
			days[i] = "0"
		case ranged && to == "7":
			every, err := strconv.Atoi(step)
			if !stepped {
				every, err = 1, nil
			}
			if err != nil || every < 1 {
				continue // The parser says what is wrong with the step.
			}
			days[i] = fmt.Sprintf("%d-6/%d", first, every)
			if (7-first)%every == 0 {
				days[i] += ",0"
			}
		}
	}
	fields[len(fields)-1] = strings.Join(days, ",")
	return strings.Join(fields, " ")
}

// cronYears is how far ahead a match is looked for: the 29th of February may be eight years away.
const cronYears = 9

// Next returns the first matching time on a wall after another. Both are counted in seconds as if the wall hung
// in Greenwich, so that no clock change disturbs the calendar.
func (f Fields) Next(after int64) (int64, bool) {
	t := time.Unix(after+1, 0).UTC()
	for limit := t.Year() + cronYears; t.Year() < limit; {
		year, month, day := t.Date()
		if !has(f.month, int(month)) {
			t = time.Date(year, month+1, 1, 0, 0, 0, 0, time.UTC)
			continue
		}
		hour, ok := from(f.hour, t.Hour())
		if !ok || !f.day(t) {
			t = time.Date(year, month, day+1, 0, 0, 0, 0, time.UTC)
			continue
		}
		if hour > t.Hour() {
			t = time.Date(year, month, day, hour, 0, 0, 0, time.UTC)
		}
		minute, ok := from(f.minute, t.Minute())
		if !ok {
			t = time.Date(year, month, day, hour+1, 0, 0, 0, time.UTC)
			continue
		}
		if minute > t.Minute() {
			t = time.Date(year, month, day, hour, minute, 0, 0, time.UTC)
		}
		second, ok := from(f.second, t.Second())
		if !ok {
			t = time.Date(year, month, day, hour, minute+1, 0, 0, time.UTC)
			continue
		}
		return time.Date(year, month, day, hour, minute, second, 0, time.UTC).Unix(), true
	}
	return 0, false
}

// day reports whether the date matches. When both the day of the month and the weekday are restricted, either is
// enough (POSIX crontab).
func (f Fields) day(t time.Time) bool {
	dom, dow := has(f.dom, t.Day()), has(f.dow, int(t.Weekday()))
	if f.dom&starBit != 0 || f.dow&starBit != 0 {
		return dom && dow
	}
	return dom || dow
}

func has(field uint64, n int) bool { return field>>n&1 == 1 }

// from returns the first allowed value that is not below n.
func from(field uint64, n int) (int, bool) {
	rest := (field &^ starBit) >> n
	return n + bits.TrailingZeros64(rest), rest != 0
}
