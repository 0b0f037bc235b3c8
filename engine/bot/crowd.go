package bot

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

// crowd is more strangers than an identity may answer. While it lasts, newcomers are answered one at a time, at the pace
// that flood_stop allows, whoever happens to come when the next one may; and nothing is looked up for the others.
type crowd struct {
	engine *Bot
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

// CrowdStream names the position that says whether an identity has more strangers than it may answer, as a [Hold] that
// holds nothing.
func CrowdStream(pubkey string) string { return "crowd/" + pubkey }

// crowdOf returns the crowd of an identity.
func (e *Bot) crowdOf(pubkey string) *crowd {
	if e.crowds[pubkey] == nil {
		e.crowds[pubkey] = &crowd{engine: e, stream: CrowdStream(pubkey)}
	}
	return e.crowds[pubkey]
}

// from returns when the crowd came, zero when there is none.
func (c *crowd) from(ctx context.Context) (time.Time, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	now := c.engine.Clock.Now()
	if !c.read {
		value, err := c.engine.Ledger.Position(ctx, c.stream)
		if err != nil {
			return time.Time{}, fmt.Errorf("looking up whether strangers are slowed down: %w", err)
		}
		if h, ok := engine.ParseHold(value); ok {
			c.since, c.last = h.Since, now
		}
		c.read = true
	}
	if !c.since.IsZero() && now.Sub(c.last) >= crowdCalm {
		c.engine.Log.Info("strangers are answered as usual again", "since", c.since, "turned_down", c.turned)
		c.since, c.turned = time.Time{}, 0
		if err := c.engine.Ledger.Advance(ctx, engine.Position{Stream: c.stream}); err != nil {
			return time.Time{}, fmt.Errorf("storing that strangers are answered as usual: %w", err)
		}
	}
	return c.since, nil
}

// tendCrowds notices that a crowd is over also when nobody writes any more.
func (e *Bot) tendCrowds(ctx context.Context) {
	for {
		for _, c := range e.crowds {
			if _, err := c.from(ctx); err != nil && ctx.Err() == nil {
				e.Log.Error("cannot tell whether strangers are still slowed down", "error", err)
			}
		}
		select {
		case <-ctx.Done():
			return
		case <-time.After(time.Minute):
		}
	}
}

// note counts a signal that is turned down because of the crowd, and says so to the operator when it is the first one.
func (c *crowd) note(ctx context.Context, r *runner, reason string) (since time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	now := c.engine.Clock.Now()
	c.last = now
	c.turned++
	if !c.since.IsZero() {
		return c.since
	}
	if r.dry {
		return now
	}
	c.since = now
	p := engine.Hold{Since: now, Reason: r.rule.Name + ": " + reason}.Position("")
	p.Stream = c.stream
	// What is lost in a crash is found again by the next signal.
	if err := c.engine.Ledger.Advance(ctx, p); err != nil {
		c.engine.Log.Error("cannot store that strangers are slowed down", "error", err)
	}
	r.log.Warn("slowed down: more strangers than may be answered; it goes on by itself", "identity", r.rule.Identity, "reason", reason,
		"first", "people answered before, and whom the identity follows", "do", "see flood_stop in the documentation")
	return now
}

// turn takes the next newcomer's turn, if it has come. The pauses are of random length: nobody can time them.
func (c *crowd) turn(pause time.Duration) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	now := c.engine.Clock.Now()
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
	c.next = c.engine.Clock.Now()
}

// crowdGate turns newcomers down while there is a crowd, before anything is done for them. Nothing is claimed: a later
// note of theirs, or the same one after a restart, has its chance.
func (r *runner) crowdGate(ctx context.Context, t *trial) (passed bool, err error) {
	if t.Event == nil || t.waited || t.Backlog || r.wordOf(t) == wordStop {
		return true, nil
	}
	since, err := r.crowd.from(ctx)
	if err != nil || since.IsZero() {
		return err == nil, err
	}
	if _, own, err := r.engine.Identities.Find(ctx, t.Event.PubKey); err != nil || own {
		return err == nil, err
	}
	stands, err := r.stands(ctx, t)
	if err != nil || stands == known {
		return err == nil, err
	}
	reason, err := r.engine.floods.full(ctx, r, stands)
	if err != nil {
		return false, err
	}
	now := r.engine.Clock.Now()
	if until := r.newcomersFrom(); reason == "" && now.Before(until) {
		reason = "newcomers have used up their part of the limit until " + until.UTC().Format(time.RFC3339)
	}
	switch {
	case reason != "":
	case stands == newcomer && !r.seat(t):
		reason = "other newcomers are being answered"
	case stands == newcomer && !r.crowd.turn(r.newcomerPause()):
		reason = "it was another newcomer's turn"
	default:
		t.turn = stands == newcomer
		return true, nil
	}
	if r.guardsLoops(t.Event) && r.crowd.ask() {
		r.profiles.Expect(ctx, t.Event.PubKey) // An old profile speaks for the next note.
	}
	r.slowDown(ctx, t, "crowd", reason)
	return false, nil
}

// slowDown turns a signal down because there are more strangers than may be answered.
func (r *runner) slowDown(ctx context.Context, t *trial, gate, reason string) {
	t.crowded = true
	since := r.crowd.note(ctx, r, reason)
	t.turnDown(gate, fmt.Sprintf("slowed down since %s: %s; people answered before and whom the identity follows come first",
		since.UTC().Format(time.RFC3339), reason))
}

// newcomerPause is the mean pause between two newcomers: as many as the shortest window of the rule lets pass.
func (r *runner) newcomerPause() time.Duration {
	rates := r.rule.FloodStop
	if rates == nil {
		rates = engine.DefaultRuleFlood()
	}
	shortest := rates[0]
	for _, rate := range rates {
		if rate.Per < shortest.Per {
			shortest = rate
		}
	}
	return shortest.Per / time.Duration(newcomer.share([]engine.Rate{shortest})[0].Count)
}

// seat takes one of the places in which newcomers are answered: one of the rule's places stays free of them.
func (r *runner) seat(t *trial) bool {
	select {
	case r.seats <- struct{}{}:
		t.leave = append(t.leave, func() { <-r.seats })
		return true
	default:
		return false
	}
}

// newcomersFrom is until when newcomers have used up their part of the rule's rate.
func (r *runner) newcomersFrom() time.Time { return time.Unix(0, r.newcomersUntil.Load()) }

// manyNewcomers is how many the rate of a rule turns away before they are a crowd.
const manyNewcomers = 50

// turnedAway counts newcomers whom the rate turns away until it lets the next one pass. When they are many, the others
// are turned down before anything is done for them.
func (r *runner) turnedAway(ctx context.Context, t *trial, reason string) {
	if r.newcomersUntil.Swap(t.free.UnixNano()) != t.free.UnixNano() {
		r.newcomersAway.Store(0)
	}
	if r.newcomersAway.Add(1) >= manyNewcomers {
		r.crowd.note(ctx, r, reason)
	}
}

// lookUps is how many authors a second are looked up while there is a crowd.
const lookUps = 50

// worthAsking reports whether the relays may be asked for one more author: always, save in a crowd, where so many are
// asked for a second.
func (r *runner) worthAsking(ctx context.Context) bool {
	since, err := r.crowd.from(ctx)
	return err == nil && (since.IsZero() || r.crowd.ask())
}

func (c *crowd) ask() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	now := c.engine.Clock.Now()
	if now.Sub(c.second) >= time.Second {
		c.second, c.asked = now, 0
	}
	c.asked++
	return c.asked <= lookUps
}
