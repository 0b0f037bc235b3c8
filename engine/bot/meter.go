package bot

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"rhea/engine"
)

// meter counts the events published under one mark.
type meter struct {
	times []time.Time // of what is committed, oldest first
	// pending is how many are about to be committed. They count however long that takes.
	pending int
	memory  time.Duration
}

// exceeded says what would be too much if n more were published.
func (m *meter) exceeded(b budget, since, now time.Time) string {
	m.times = m.times[after(m.times, now.Add(-m.memory)):]
	for _, rate := range b.most {
		if n := m.within(since, now, rate.Per) + m.pending + b.n; n > rate.Count {
			return fmt.Sprintf("flood stop of %s: with this there would be %d events in %s, the most is %s",
				strings.TrimPrefix(b.mark, "flood/"), n, engine.Duration(rate.Per), rate)
		}
	}
	if n := m.within(since, now, time.Hour) + m.pending + b.n; b.surge && n > surgeIgnored {
		if most, known := m.busiest(now); known && n > surgeFactor*most {
			return fmt.Sprintf("flood stop of %s: with this there would be %d events in an hour, the most was %d so far",
				strings.TrimPrefix(b.mark, "flood/"), n, most)
		}
	}
	return ""
}

// within counts what was published in a window that ends now.
func (m *meter) within(since, now time.Time, per time.Duration) int {
	begin := now.Add(-per)
	if since.After(begin) {
		begin = since
	}
	return max(after(m.times, now)-after(m.times, begin), 0)
}

// add counts what was committed now. A clock that was put back must not leave the times out of order.
func (m *meter) add(now time.Time, n int) {
	at := after(m.times, now)
	m.times = slices.Insert(m.times, at, slices.Repeat([]time.Time{now}, n)...)
}

// busiest returns the most that was published in one hour before the last one; known is false without experience.
func (m *meter) busiest(now time.Time) (most int, known bool) {
	if len(m.times) == 0 || now.Sub(m.times[0]) < surgeExperience {
		return 0, false
	}
	hours := make(map[int64]int)
	for _, t := range m.times {
		if age := int64(now.Sub(t) / time.Hour); age > 0 {
			hours[age]++
			most = max(most, hours[age])
		}
	}
	return most, true
}

// after is the index of the first of some ascending times after one.
func after(times []time.Time, begin time.Time) int {
	i, _ := slices.BinarySearchFunc(times, begin, func(t, begin time.Time) int {
		if t.After(begin) {
			return 1
		}
		return -1
	})
	return i
}
