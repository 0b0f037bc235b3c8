package rehearsal

import (
	"sync"
	"time"

	"rhea/engine"
)

// clock stands still. A wait moves it on at once.
type clock struct {
	mu  sync.Mutex
	now time.Time
}

func (c *clock) engine() engine.Clock { return engine.Clock{Now: c.read, After: c.after} }

func (c *clock) read() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

// reach moves the clock on to t, never back.
func (c *clock) reach(t time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if t.After(c.now) {
		c.now = t
	}
}

func (c *clock) after(d time.Duration) <-chan time.Time {
	t := c.read().Add(d)
	c.reach(t)
	done := make(chan time.Time, 1)
	done <- t
	return done
}
