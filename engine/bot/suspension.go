package bot

import "time"

// How long the events of an identity are held back from a relay.
const (
	firstBar, lastBar = time.Hour, 6 * time.Hour
	lastLimit         = 10 * time.Minute
	// doubtfulBars is how often in a row a relay that has taken events of an identity must bar it to be believed.
	doubtfulBars = 3
)

// hold is what a relay said to one identity.
type hold struct {
	// until is when the next event may be tried; the one that is tried then stands for all.
	until  time.Time
	reason string
	// welcome says that the relay has taken an event of the identity before.
	welcome bool
	// bars and limits count the answers in a row.
	bars, limits int
	told         bool
}

// bar notes that the relay did not take an event because of who wrote it, and reports whether others must wait. A
// relay that has taken events of the identity may have meant this one only, so it is asked a few times more.
func (h *hold) bar(now time.Time, reason string) bool {
	h.bars++
	if h.welcome && h.bars < doubtfulBars {
		return false
	}
	strikes := h.bars
	if h.welcome {
		strikes -= doubtfulBars - 1
	}
	h.until, h.reason = now.Add(doubled(firstBar, strikes-1, lastBar)), "held back: "+reason
	return true
}

// limit notes that the relay wants fewer events of the identity.
func (h *hold) limit(now time.Time, after time.Duration, reason string) {
	h.limits++
	h.until, h.reason = now.Add(doubled(after, h.limits-1, max(after, lastLimit))), "held back: "+reason
}

// accept notes that the relay took an event, and reports whether that ends a hold that was told of.
func (h *hold) accept() (news bool) {
	news = h.told
	*h = hold{welcome: true}
	return news
}

// doubled is d, doubled n times, up to a limit.
func doubled(d time.Duration, n int, limit time.Duration) time.Duration {
	for ; n > 0 && d < limit; n-- {
		d *= 2
	}
	return min(d, limit)
}
