package cron

import "time"

// nextOnWall returns the first instant after t at which a clock on the wall in a zone comes to one of the times
// that next gives. Where the clock is put forward over such a time, the instant of the change stands for it; where
// it is put back, only the first pass counts. Times on a wall are seconds as if it hung in Greenwich.
func nextOnWall(t time.Time, zone *time.Location, next func(after int64) (int64, bool)) (time.Time, bool) {
	t = time.Unix(t.Unix(), 0).In(zone)
	shown := farthestShown(t)
	for {
		wall, ok := next(shown)
		if !ok {
			return time.Time{}, false
		}
		change := nextChange(t)
		at := wall - offset(t)
		if change.IsZero() || at < change.Unix() {
			return time.Unix(at, 0).In(zone), true
		}
		before, after := change.Unix()+offset(t), change.Unix()+offset(change)
		if wall < after {
			return change, true
		}
		shown = max(before, after) - 1
		t = change
	}
}

// nextChange returns when the clock is set next after t, zero if never. After the last leap year of its table the
// standard library puts the end of a year a day early, so that on the 31st of December the bound may lie behind t.
func nextChange(t time.Time) time.Time {
	for at := t; ; at = at.Add(time.Hour) {
		if _, end := at.ZoneBounds(); end.IsZero() || end.After(t) {
			return end
		}
	}
}

// repeatable is longer than any clock was ever put back: whole days have been repeated, two never.
const repeatable = 48 * time.Hour

// farthestShown returns the latest time that the clock on the wall has shown up to t. It is ahead of what the
// clock shows at t while an hour is being repeated.
func farthestShown(t time.Time) int64 {
	shown := t.Unix() + offset(t)
	for at := t; ; {
		change, _ := at.ZoneBounds()
		if change.IsZero() || change.After(at) || t.Sub(change) > repeatable {
			return shown
		}
		at = change.Add(-time.Second)
		shown = max(shown, at.Unix()+offset(at))
	}
}

// offset is how many seconds the wall is ahead of Greenwich.
func offset(t time.Time) int64 {
	_, seconds := t.Zone()
	return int64(seconds)
}

// OnWall returns the instant at which the clock on the wall shows a time.
func OnWall(wall int64, zone *time.Location) time.Time {
	t, _ := nextOnWall(time.Unix(wall, 0).Add(-repeatable), zone, func(after int64) (int64, bool) {
		return wall, after < wall
	})
	return t
}
