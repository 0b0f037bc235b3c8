package relay

import (
	"time"

	"rhea/engine"
)

const (
	// shortOutage is how long an outage counts as a short one. Until then a relay is tried again so soon after the last try
	// began that it is heard within 30 s of its return; later the wait is up to lastBackoff.
	shortOutage      = 10 * time.Minute
	shortOutageRetry = 27 * time.Second
	lastBackoff      = 5 * time.Minute
	// A connection ends an outage when it has lasted for stable, or was of use and more than fleeting.
	minUseful = 2 * time.Second
	stable    = time.Minute
)

// reconnect decides when a relay without a connection is tried again. A relay that is down, or hangs up at once, is tried
// some 45 times in the first ten minutes and 24 times in each hour after that; at most 95 times in the first hour and 45
// in any other. One that answers and goes away again all the time is connected to some 220 times an hour, 270 at most.
type reconnect struct {
	tries engine.Backoff
	// withSince is when the outage began, zero before its first try has failed, and tried when the last one did. used is when
	// a connection was last of use.
	since, lastTry, lastUsed time.Time
}

func newReconnect() reconnect { return reconnect{tries: engine.Backoff{First: firstBackoff}} }

// nextOfAuthor returns how long to wait after a try that began at the given time and has failed by now.
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

// held notes how long a connection lasted that is lost now, and whether it was of use.
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

// workedLately reports whether the relay was of use lately: then an event over which it hangs up is to blame, else the relay.
func (r *reconnect) workedLately(now time.Time) bool {
	return !r.lastUsed.IsZero() && now.Sub(r.lastUsed) < shortOutage
}
