package gate

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"rhea/engine"
)

// A rule that has been at work for a day and suddenly publishes far more in an hour than in its busiest hour before
// is held, whatever its budget. What is never suspicious lets a burst of answers pass.
const (
	surgeFactor     = 8
	surgeIgnored    = 250
	surgeExperience = 24 * time.Hour
	surgeMemory     = 14 * 24 * time.Hour
)

// budget is one counter with how much it may count.
type budget struct {
	counter string
	most    []engine.Rate
	surge   bool
	n       int
	// strangers says that the signal came from one: what would exceed the budget is turned down, and nothing is held.
	strangers bool
	// rules are to be held when it is exceeded.
	rules []string
}

// span is a counter and how far back it is looked at.
type span struct {
	counter string
	back    time.Duration
}

// span is how far back it is counted.
func (b budget) span() span {
	back := time.Duration(0)
	for _, rate := range b.most {
		back = max(back, rate.Per)
	}
	if b.surge {
		back = max(back, surgeMemory)
	}
	return span{b.counter, back}
}

// window is when what counts under one counter was committed.
type window struct {
	times []time.Time // oldest first
	// back is how far back times go; 0 means that they are not known.
	back time.Duration
	// pending is how many commits are on their way, and begun how many ever were.
	pending, begun int
	// readers is how many are reading the times.
	readers int
	// busy is what busiest returned at busyAt.
	busy   int
	busyAt time.Time
}

// exceeded says what would be too much if n more were published.
func (w *window) exceeded(b budget, since, now time.Time) string {
	w.trim(now)
	for _, rate := range b.most {
		if n := w.within(since, now, rate.Per) + w.pending + b.n; n > rate.Count {
			return fmt.Sprintf("flood stop of %s: with this there would be %d events in %s, the most is %s",
				strings.TrimPrefix(b.counter, "flood/"), n, engine.Duration(rate.Per), rate)
		}
	}
	if n := w.within(since, now, time.Hour) + w.pending + b.n; b.surge && n > surgeIgnored {
		if most, known := w.busiest(now); known && n > surgeFactor*most {
			return fmt.Sprintf("flood stop of %s: with this there would be %d events in an hour, the most was %d so far",
				strings.TrimPrefix(b.counter, "flood/"), n, most)
		}
	}
	return ""
}

// trim forgets what is older than is looked at.
func (w *window) trim(now time.Time) { w.times = w.times[after(w.times, now.Add(-w.back)):] }

// nth returns when the nth newest was committed, counted from 1; false when there were fewer.
func (w *window) nth(n int, now time.Time) (time.Time, bool) {
	until := after(w.times, now)
	if n < 1 || n > until {
		return time.Time{}, false
	}
	return w.times[until-n], true
}

// free returns when one more is allowed within some rates if so many others were just counted, in the past when it is
// allowed now, and the rate that holds it up longest.
func (w *window) free(rates []engine.Rate, others int, now time.Time) (full engine.Rate, free time.Time) {
	for _, rate := range rates {
		last, some := w.nth(rate.Count-others, now)
		if others > 0 && rate.Count <= others {
			last, some = now, true
		}
		if some && last.Add(rate.Per).After(free) {
			full, free = rate, last.Add(rate.Per)
		}
	}
	return full, free
}

// within counts what was published in a window that ends now.
func (w *window) within(since, now time.Time, per time.Duration) int {
	begin := now.Add(-per)
	if since.After(begin) {
		begin = since
	}
	return max(after(w.times, now)-after(w.times, begin), 0)
}

// add counts what was committed at a time. Commits end in another order than they begin.
func (w *window) add(at time.Time) {
	w.trim(at)
	w.times = slices.Insert(w.times, after(w.times, at), at)
}

// busiest returns the most that was published in one hour before the last one; known is false without experience. It
// walks along all times, so it does that once a minute.
func (w *window) busiest(now time.Time) (most int, known bool) {
	if len(w.times) == 0 || now.Sub(w.times[0]) < surgeExperience {
		return 0, false
	}
	if since := now.Sub(w.busyAt); since >= 0 && since < time.Minute {
		return w.busy, true
	}
	hours := make(map[int64]int)
	for _, t := range w.times {
		if age := int64(now.Sub(t) / time.Hour); age > 0 {
			hours[age]++
			most = max(most, hours[age])
		}
	}
	w.busy, w.busyAt = most, now
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

// counted returns when entries with a counter were committed, from a time until now, oldest first. A clock that was ahead
// has left counters that lie in the future by now: they would use up a limit until then.
func counted(ctx context.Context, l engine.Claims, counter string, since, now time.Time) ([]time.Time, error) {
	times, err := l.Counted(ctx, counter, since)
	if err != nil {
		return nil, err
	}
	slices.SortFunc(times, time.Time.Compare)
	return times[:after(times, now)], nil
}
