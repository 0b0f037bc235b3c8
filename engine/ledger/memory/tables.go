package memory

import (
	"maps"
	"slices"
	"time"

	"rhea/engine"
)

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

// positions holds the position of each stream and when it expires; the zero time is never.
type positions struct {
	kept map[string]kept
	// sweep is the number of positions at which the expired ones are removed next.
	sweep int
}

type kept struct {
	value string
	until time.Time
}

func (p *positions) set(position engine.Position, now time.Time) {
	k := kept{value: position.Value}
	if position.Keep > 0 {
		k.until = now.Add(position.Keep)
	}
	p.kept[position.Stream] = k
	if len(p.kept) >= max(p.sweep, sweepAt) {
		maps.DeleteFunc(p.kept, func(_ string, k kept) bool { return !k.until.IsZero() && !k.until.After(now) })
		p.sweep = 2 * len(p.kept)
	}
}

// waiting holds the signals that wait, in the order of their commits.
type waiting struct {
	all     []engine.Waiting
	last    int64
	expired time.Time
}

func (w *waiting) add(e engine.Entry) {
	w.last++
	w.all = append(w.all, engine.Waiting{Number: w.last, Rule: e.Rule, Key: e.Key, Signal: e.Wait})
}

// end removes the signal that waits under a claim and reports whether there was one.
func (w *waiting) end(rule, key string) bool {
	before := len(w.all)
	w.all = slices.DeleteFunc(w.all, func(x engine.Waiting) bool { return x.Rule == rule && x.Key == key })
	return len(w.all) < before
}

// under reports whether a signal waits under a claim.
func (w *waiting) under(rule, key string) bool {
	return slices.ContainsFunc(w.all, func(x engine.Waiting) bool { return x.Rule == rule && x.Key == key })
}
