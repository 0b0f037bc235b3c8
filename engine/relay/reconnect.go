package relay

import (
	"time"

	"rhea/engine"
)

const (
	// shortOutage is how long an outage counts as short. During it the wait is at most shortOutageRetry, so a relay
	// that is back has a connection within 30 s. Later the wait is at most lastBackoff.
	shortOutage      = 10 * time.Minute
	shortOutageRetry = 27 * time.Second
	lastBackoff      = 5 * time.Minute
	// A connection ends an outage when it lasts for stable, or when it was useful and lasted for minUseful.
	minUseful = 2 * time.Second
	stable    = time.Minute
)

// reconnect decides when to try again to connect to a relay. A relay that is down, or closes each connection at once,
// is tried about 45 times in the first ten minutes and 24 times in each later hour; at most 95 times in the first hour
// and 45 times in any other. A relay that answers and then closes the connection each time is tried about 220 times an
// hour, 270 at most.
type reconnect struct {
	tries engine.Backoff
	// since is when the outage began, zero until its first try has failed. lastTry is when the last try failed.
	// lastUsed is when a connection was last useful.
	since, lastTry, lastUsed time.Time
}

func newReconnect() reconnect { return reconnect{tries: engine.Backoff{First: firstBackoff}} }

// next returns how long to wait after a try that began at the given time and has failed now.
func (r *reconnect) next(began, now time.Time) time.Duration {
	if r.since.IsZero() {
		r.since = began
	}
	r.lastTry, r.tries.Last = now, lastBackoff
	if began.Sub(r.since) < shortOutage {
		r.tries.Last = shortOutageRetry
	}
	return max(r.tries.Jittered()-now.Sub(began), r.tries.First)
}

// lost notes how long a lost connection lasted, and whether it was useful.
func (r *reconnect) lost(d time.Duration, useful bool, now time.Time) {
	if useful {
		r.lastUsed = now
	}
	if d >= stable {
		r.tries.Reset()
	}
	if d >= stable || useful && d >= minUseful {
		r.since = time.Time{}
	}
}

// workedLately reports whether the relay was useful lately. If so, and the relay closes the connection while an event
// is unanswered, the event is the likely cause.
func (r *reconnect) workedLately(now time.Time) bool {
	return !r.lastUsed.IsZero() && now.Sub(r.lastUsed) < shortOutage
}
