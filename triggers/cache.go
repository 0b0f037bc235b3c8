package triggers

import (
	"sync"
	"time"
)

// cache remembers at most limit answers, each for a time of its own. It is safe for concurrent use.
type cache[V any] struct {
	limit int

	mu      sync.Mutex
	entries map[string]cached[V]
}

type cached[V any] struct {
	value V
	until time.Time
}

func newCache[V any](limit int) *cache[V] {
	return &cache[V]{limit: limit, entries: make(map[string]cached[V])}
}

// get returns what was put under the key, unless its time is over.
func (c *cache[V]) get(key string) (V, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	e, ok := c.entries[key]
	if !ok || time.Now().After(e.until) {
		var zero V
		return zero, false
	}
	return e.value, true
}

// put remembers a value. When the cache is full, what is over goes first and then whatever comes to hand.
func (c *cache[V]) put(key string, value V, keep time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	now := time.Now()
	if _, known := c.entries[key]; !known && len(c.entries) >= c.limit {
		for k, e := range c.entries {
			if now.After(e.until) {
				delete(c.entries, k)
			}
		}
		for k := range c.entries {
			if len(c.entries) < c.limit {
				break
			}
			delete(c.entries, k)
		}
	}
	c.entries[key] = cached[V]{value, now.Add(keep)}
}
