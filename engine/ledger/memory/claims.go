package memory

import "time"

// sweepAt is the number of claims below which expired ones are not removed.
const sweepAt = 1024

type claim struct{ rule, key string }

// claims holds when each claim expires; the zero time is never.
type claims struct {
	until map[claim]time.Time
	// sweep is the number of claims at which the expired ones are removed next.
	sweep int
}

func (c *claims) isClaimed(k claim, now time.Time) bool {
	until, ok := c.until[k]
	return ok && (until.IsZero() || until.After(now))
}

func (c *claims) add(k claim, keep time.Duration, now time.Time) bool {
	if c.isClaimed(k, now) {
		return false
	}
	var until time.Time
	if keep > 0 {
		until = now.Add(keep)
	}
	c.until[k] = until
	if len(c.until) >= max(c.sweep, sweepAt) {
		for k := range c.until {
			if !c.isClaimed(k, now) {
				delete(c.until, k)
			}
		}
		c.sweep = 2 * len(c.until)
	}
	return true
}
