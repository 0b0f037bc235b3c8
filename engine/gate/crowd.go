package gate

import (
	"context"
	"fmt"
	"math/rand/v2"
	"sync"
	"time"

	"rhea/engine"
)

// crowdCalm is how long nobody must have been turned down for a crowd to be over.
const crowdCalm = 10 * time.Minute

// maxMet is of how many people it is remembered when they were first answered; of others the ledger is asked.
const maxMet = 10_000

// crowd is more strangers than an identity may answer. While it lasts, newcomers are answered one at a time, at the pace
// that flood_stop allows, whoever happens to come when the next one may; and nothing is looked up for the others.
type crowd struct {
	opts   Options
	stream string

	mu sync.Mutex
	// read says that the ledger was asked whether there was a crowd when the bot stopped.
	read bool
	// since is when it came, zero for none; last is when somebody was turned down last.
	since, last time.Time
	turned      int
	// next is when the next newcomer may be answered.
	next time.Time
	// asked is how many authors were looked up since second.
	second time.Time
	asked  int
	// first is when authors were first answered.
	first map[string]time.Time
}

// from returns when the crowd came, zero when there is none.
func (c *crowd) from(ctx context.Context) (time.Time, error) {
	if err := c.recall(ctx); err != nil {
		return time.Time{}, err
	}
	since, over := c.look()
	if over {
		if err := c.opts.Ledger.Advance(ctx, engine.Position{Stream: c.stream}); err != nil {
			return time.Time{}, fmt.Errorf("storing that strangers are answered as usual: %w", err)
		}
	}
	return since, nil
}

// recall asks the ledger once whether there was a crowd when the bot stopped.
func (c *crowd) recall(ctx context.Context) error {
	c.mu.Lock()
	read := c.read
	c.mu.Unlock()
	if read {
		return nil
	}
	value, err := c.opts.Ledger.Position(ctx, c.stream)
	if err != nil {
		return fmt.Errorf("looking up whether strangers are slowed down: %w", err)
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if h, ok := engine.ParseHold(value); ok && !c.read {
		c.since, c.last = h.Since, c.opts.Clock.Now()
	}
	c.read = true
	return nil
}

// look returns when the crowd came, zero when there is none, and whether it is just over.
func (c *crowd) look() (since time.Time, over bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if over = !c.since.IsZero() && c.opts.Clock.Now().Sub(c.last) >= crowdCalm; over {
		c.opts.Log.Info("strangers are answered as usual again", "since", c.since, "turned_down", c.turned)
		c.since, c.turned = time.Time{}, 0
	}
	return c.since, over
}

// note counts a signal that is turned down because of the crowd, and says so to the operator when it is the first one.
func (c *crowd) note(ctx context.Context, rule *engine.Rule, dry bool, reason string) (since time.Time) {
	since, first := c.count(dry)
	if !first {
		return since
	}
	p := engine.Hold{Since: since, Reason: rule.Name + ": " + reason}.Position("")
	p.Stream = c.stream
	// What is lost in a crash is found again by the next signal.
	if err := c.opts.Ledger.Advance(ctx, p); err != nil {
		c.opts.Log.Error("cannot store that strangers are slowed down", "error", err)
	}
	c.opts.Log.Warn("slowed down: more strangers than may be answered; it goes on by itself", "rule", rule.Name,
		"identity", rule.Identity, "reason", reason, "first", "people answered before, and whom the identity follows",
		"do", "see flood_stop in the documentation")
	return since
}

// count counts a signal that is turned down, and reports whether it is the first one of a crowd.
func (c *crowd) count(dry bool) (since time.Time, first bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	now := c.opts.Clock.Now()
	c.last = now
	c.turned++
	switch {
	case !c.since.IsZero():
		return c.since, false
	case dry:
		return now, false
	}
	c.since = now
	return now, true
}

// turn takes the next newcomer's turn, if it has come. The pauses are of random length: nobody can time them.
func (c *crowd) turn(pause time.Duration) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	now := c.opts.Clock.Now()
	if now.Before(c.next) {
		return false
	}
	c.next = now.Add(time.Duration(rand.Int64N(2*int64(pause) + 1)))
	return true
}

// giveBack returns a turn that led to no answer.
func (c *crowd) giveBack() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.next = c.opts.Clock.Now()
}

// lookUps is how many authors a second are looked up while there is a crowd.
const lookUps = 50

func (c *crowd) ask() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	now := c.opts.Clock.Now()
	if now.Sub(c.second) >= time.Second {
		c.second, c.asked = now, 0
	}
	c.asked++
	return c.asked <= lookUps
}

// firstAnswer is when an author was first answered, as far as that was looked up lately.
func (c *crowd) firstAnswer(author string) (time.Time, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	first, ok := c.first[author]
	return first, ok
}

// met remembers when an author was first answered: no later answer changes that.
func (c *crowd) met(author string, first time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.first == nil || len(c.first) >= maxMet {
		c.first = make(map[string]time.Time)
	}
	c.first[author] = first
}
