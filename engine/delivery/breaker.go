package delivery

import (
	"time"

	"rhea/engine"
)

// Bounds of the rest of a relay that cannot be reached: up to earlyRest while it has been away for less than earlyAway, so
// that what is owed does not wait for long once it is back, and up to lastRest later.
const (
	firstRest = time.Second
	earlyRest = 25 * time.Second
	earlyAway = 10 * time.Minute
	lastRest  = 5 * time.Minute
)

// breaker decides how long a relay that gives no answers is left alone. The zero value is closed.
type breaker struct {
	// failures counts the rests in a row; 0 means closed. since is when the first one began.
	failures int
	since    time.Time
	// reason is why it is open, until is when the rest ends, and after is the last turn before it began.
	reason string
	until  time.Time
	after  int
	// suspect is the event that was left without an answer while the breaker is closed. One event may be to blame
	// itself, so only a second one opens the breaker.
	suspect string
}

// open begins a rest of a relay that cannot be reached, and reports whether that is news.
func (b *breaker) open(now time.Time, reason string) (news bool) {
	if news = b.failures == 0; news {
		b.since = now
	}
	limit := lastRest
	if now.Sub(b.since) < earlyAway {
		limit = earlyRest
	}
	b.until = now.Add(engine.Spread(engine.Doubled(firstRest, b.failures, limit)))
	b.failures++
	b.reason = reason
	return news
}

// silent notes that an event got no answer; fresh says that it was its first try. It reports whether that opens the
// breaker: an event that was silent before proves nothing while the relay takes others.
func (b *breaker) silent(event string, fresh bool) bool {
	if b.failures > 0 {
		return true
	}
	if !fresh || b.suspect == event {
		return false
	}
	if b.suspect == "" {
		b.suspect = event
		return false
	}
	return true
}

// answered says that the relay is there, and reports whether that is news.
func (b *breaker) answered() (news bool) {
	news = b.failures > 0
	*b = breaker{}
	return news
}
