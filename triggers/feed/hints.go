package feed

import (
	"math/rand/v2"
	"strconv"
	"strings"
	"time"

	"github.com/mmcdole/gofeed"
	"github.com/mmcdole/gofeed/rss"
)

const (
	shortestAuto = 5 * time.Minute
	longestAuto  = 24 * time.Hour
	// longestRest is the longest time that a feed is left alone after a failure, or because its server says so.
	longestRest = 24 * time.Hour
	// unknownAuto is for feeds that tell nothing about their habits.
	unknownAuto = 30 * time.Minute
	// looksPerGap is how often a feed is asked between two of its items: news is found within a few percent of
	// the time that readers are used to wait.
	looksPerGap = 24
)

// hints are what a feed tells about when to look at it.
type pollHints struct {
	// Gap is the mean time between its latest items, in seconds.
	Gap int64 `json:"gap,omitempty"`
	// TTL is how many seconds the feed itself says it can be kept.
	TTL int64 `json:"ttl,omitempty"`
	// Hours and Days are those in which it wants to be left alone, in UTC, as bits; Sunday is the lowest.
	Hours uint32 `json:"hours,omitempty"`
	Days  uint8  `json:"days,omitempty"`
}

// auto returns when to look next at a feed whose answer is good for freshFor.
func (m pollHints) auto(now time.Time, freshFor time.Duration) time.Duration {
	rest := unknownAuto
	if m.Gap > 0 {
		rest = time.Duration(m.Gap) * time.Second / looksPerGap
	}
	rest = max(rest, time.Duration(m.TTL)*time.Second, freshFor)
	rest = min(max(rest, shortestAuto), longestAuto)
	rest += time.Duration((rand.Float64() - 0.5) / 5 * float64(rest))
	return m.awake(now.Add(rest)).Sub(now)
}

// awake returns the first time from t on at which the feed wants to be asked.
func (m pollHints) awake(t time.Time) time.Time {
	first := t
	for t.Sub(first) < 7*24*time.Hour {
		utc := t.UTC()
		if m.Hours&(1<<utc.Hour()) == 0 && m.Days&(1<<utc.Weekday()) == 0 {
			return t
		}
		t = t.Truncate(time.Hour).Add(time.Hour)
	}
	return first // It never wants to be asked, which nobody means.
}

// hintsOf reads what the feed says about itself, and how its items are spaced.
func hintsOf(f *gofeed.Feed, items []*Item) pollHints {
	m := pollHints{Gap: meanGap(items)}
	if r, ok := f.OriginalFeed().(*rss.Feed); ok {
		if minutes, err := strconv.Atoi(strings.TrimSpace(r.TTL)); err == nil {
			m.TTL = int64(min(max(minutes, 0), int(longestAuto/time.Minute))) * 60
		}
		for _, hour := range r.SkipHours {
			if h, err := strconv.Atoi(strings.TrimSpace(hour)); err == nil && 0 <= h && h <= 24 {
				m.Hours |= 1 << (h % 24)
			}
		}
		for _, day := range r.SkipDays {
			for d := time.Sunday; d <= time.Saturday; d++ {
				if strings.EqualFold(strings.TrimSpace(day), d.String()) {
					m.Days |= 1 << d
				}
			}
		}
	}
	return m
}

// latestItems are enough to tell how often a feed posts now.
const latestItems = 10

// meanGap returns the mean time between the latest items in seconds, 0 if their dates do not tell.
func meanGap(oldestFirst []*Item) int64 {
	var newest, oldest time.Time
	n := 0
	for i := len(oldestFirst) - 1; i >= 0 && n < latestItems; i-- {
		t := oldestFirst[i].time()
		if t.IsZero() || t.After(time.Now().Add(time.Hour)) {
			return 0
		}
		if n == 0 {
			newest = t
		}
		oldest = t
		n++
	}
	if n < 3 || !newest.After(oldest) {
		return 0
	}
	// A feed that has fallen asleep is as slow as its silence is long.
	return int64(max(newest.Sub(oldest)/time.Duration(n-1), time.Since(newest)) / time.Second)
}
