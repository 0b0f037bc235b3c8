package engine

import (
	"math/rand/v2"
	"time"
)

// Backoff is the pause between tries: it begins at First and doubles with each try, up to Last. The zero count is that
// of no try; one goroutine at a time may use it.
type Backoff struct {
	First, Last time.Duration
	tries       int
}

// Next counts a try and returns the pause after it.
func (b *Backoff) Next() time.Duration {
	pause := Doubled(b.First, b.tries, b.Last)
	b.tries++
	return pause
}

// Jittered is Next with full jitter, but never less than First: clients of a relay that comes back must not arrive
// together.
func (b *Backoff) Jittered() time.Duration { return min(b.First+rand.N(b.Next()), b.Last) }

// Reset makes the next pause the first one again.
func (b *Backoff) Reset() { b.tries = 0 }

// Doubled is d, doubled n times, up to a limit.
func Doubled(d time.Duration, n int, limit time.Duration) time.Duration {
	for ; n > 0 && d < limit; n-- {
		d *= 2
	}
	return min(d, limit)
}

// Spread returns a random time between half of d and d, so that pauses of the same length do not end together.
func Spread(d time.Duration) time.Duration { return d/2 + rand.N(d/2+1) }
