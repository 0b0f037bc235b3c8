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

// crowdOf returns the crowd of an identity.
func (g *Gates) crowdOf(pubkey string) *crowd {
	if g.crowds[pubkey] == nil {
		g.crowds[pubkey] = &crowd{opts: g.opts, stream: engine.CrowdStream(pubkey)}
	}
	return g.crowds[pubkey]
}

// from returns when the crowd came, zero when there is none.
func (c *crowd) from(ctx context.Context) (time.Time, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	now := c.opts.Clock.Now()
	if !c.read {
		value, err := c.opts.Ledger.Position(ctx, c.stream)
		if err != nil {
			return time.Time{}, fmt.Errorf("looking up whether strangers are slowed down: %w", err)
		}
		if h, ok := engine.ParseHold(value); ok {
			c.since, c.last = h.Since, now
		}
		c.read = true
	}
	if !c.since.IsZero() && now.Sub(c.last) >= crowdCalm {
		c.opts.Log.Info("strangers are answered as usual again", "since", c.since, "turned_down", c.turned)
		c.since, c.turned = time.Time{}, 0
		if err := c.opts.Ledger.Advance(ctx, engine.Position{Stream: c.stream}); err != nil {
			return time.Time{}, fmt.Errorf("storing that strangers are answered as usual: %w", err)
		}
	}
	return c.since, nil
}

// tendCrowds notices that a crowd is over also when nobody writes any more.
func (g *Gates) tendCrowds(ctx context.Context) {
	for {
		for _, c := range g.crowds {
			if _, err := c.from(ctx); err != nil && ctx.Err() == nil {
				g.opts.Log.Error("cannot tell whether strangers are still slowed down", "error", err)
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
func (c *crowd) note(ctx context.Context, r *Rule, reason string) (since time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	now := c.opts.Clock.Now()
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
	if err := c.opts.Ledger.Advance(ctx, p); err != nil {
		c.opts.Log.Error("cannot store that strangers are slowed down", "error", err)
	}
	r.log.Warn("slowed down: more strangers than may be answered; it goes on by itself", "identity", r.rule.Identity, "reason", reason,
		"first", "people answered before, and whom the identity follows", "do", "see flood_stop in the documentation")
	return now
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

// crowdGate turns newcomers down while there is a crowd, before anything is done for them. Nothing is claimed: a later
// note of theirs, or the same one after a restart, has its chance.
func (r *Rule) crowdGate() Gate {
	return check{"crowd", func(ctx context.Context, c *Candidate) (Verdict, error) {
		if c.Event == nil || c.Queued || c.Backlog || r.wordOf(c) == wordStop {
			return skip(), nil
		}
		since, err := r.crowd.from(ctx)
		if err != nil || since.IsZero() {
			return skip(), err
		}
		if _, own, err := r.gates.opts.Identities.Find(ctx, c.Event.PubKey); err != nil || own {
			return skip(), err
		}
		stands, err := r.stands(ctx, c)
		if err != nil || stands == known {
			return skip(), err
		}
		return r.inCrowd(ctx, c, stands)
	}}
}

// inCrowd lets a newcomer pass whose turn it is.
func (r *Rule) inCrowd(ctx context.Context, c *Candidate, stands Standing) (Verdict, error) {
	reason, err := r.gates.floods.full(ctx, r, stands)
	if err != nil {
		return Verdict{}, err
	}
	if until := r.newcomersFrom(); reason == "" && r.now().Before(until) {
		reason = "newcomers have used up their part of the limit until " + until.UTC().Format(time.RFC3339)
	}
	switch {
	case reason != "":
	case stands == proven:
		return skip(), nil
	case !r.takeSeat():
		reason = "other newcomers are being answered"
	case !r.crowd.turn(r.newcomerPause()):
		<-r.seats
		reason = "it was another newcomer's turn"
	default:
		v := skip()
		v.Done = func(o engine.Outcome) {
			<-r.seats
			if o != engine.Fired {
				r.crowd.giveBack()
			}
		}
		return v, nil
	}
	if r.guardsLoops(c.Event) && r.crowd.ask() {
		r.profiles.Expect(ctx, c.Event.PubKey) // An old profile speaks for the next note.
	}
	return r.slowDown(ctx, reason), nil
}

// slowDown turns a signal down because there are more strangers than may be answered.
func (r *Rule) slowDown(ctx context.Context, reason string) Verdict {
	since := r.crowd.note(ctx, r, reason)
	v := stop(engine.RateLimited, fmt.Sprintf("slowed down since %s: %s; people answered before and whom the identity follows come first",
		since.UTC().Format(time.RFC3339), reason))
	v.Crowded = true
	return v
}

// newcomerPause is the mean pause between two newcomers: as many as the shortest window of the rule lets pass.
func (r *Rule) newcomerPause() time.Duration {
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

// takeSeat takes one of the places in which newcomers are answered: one of the rule's places stays free of them.
func (r *Rule) takeSeat() bool {
	select {
	case r.seats <- struct{}{}:
		return true
	default:
		return false
	}
}

// newcomersFrom is until when newcomers have used up their part of the rule's rate.
func (r *Rule) newcomersFrom() time.Time { return time.Unix(0, r.newcomersUntil.Load()) }

// manyNewcomers is how many the rate of a rule turns away before they are a crowd.
const manyNewcomers = 50

// turnedAway counts newcomers whom the rate turns away until it lets the next one pass. When they are many, the others
// are turned down before anything is done for them.
func (r *Rule) turnedAway(ctx context.Context, free time.Time, reason string) {
	if r.newcomersUntil.Swap(free.UnixNano()) != free.UnixNano() {
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
func (r *Rule) worthAsking(ctx context.Context) bool {
	since, err := r.crowd.from(ctx)
	return err == nil && (since.IsZero() || r.crowd.ask())
}

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
