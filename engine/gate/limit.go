package gate

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	"rhea/engine"
)

// allowance is one limit as it applies to one signal: at most so many counters, on every rate.
type allowance struct {
	what    string // as a person knows it: "author", "thread", "rate"
	counter string
	rates   []engine.Rate
}

// limits hold the answers of a rule within its rates.
type limits struct {
	facts     *facts
	answers   *answers
	standings *standings
	newcomers *newcomers
	patience  *patience
}

// allowances lists the limits that apply to a signal, in an order that is the same for every signal, so that two
// signals never wait for each other.
func (r *limits) allowances(c *Candidate) []allowance {
	var all []allowance
	add := func(what, detail string, rates []engine.Rate) {
		if len(rates) > 0 {
			all = append(all, allowance{what, r.facts.counter(what, detail), rates})
		}
	}
	limit := r.facts.rule.Limit
	add("rate", c.Path, limit.Rate)
	if c.Event != nil {
		add("author", c.Event.PubKey, limit.Author)
	}
	if c.Thread != "" {
		add("thread", c.Thread, limit.Thread)
	}
	return all
}

// limitGate counts what was answered within each window. A signal that is over a limit waits in the queue of its rule,
// if the rule wants that.
func (r *limits) limitGate() Gate { return check{"limit", r.askLimits} }

func (r *limits) askLimits(ctx context.Context, c *Candidate) (Verdict, error) {
	if len(r.allowances(c)) == 0 {
		return skip(), nil
	}
	used, err := r.limited(ctx, c)
	if err != nil {
		return Verdict{}, err
	}
	if used.reason == "" {
		v := pass("")
		v.Count, v.Done = used.below, r.ended(c)
		return v, nil
	}
	v := stop(engine.RateLimited, used.reason)
	v.Count = used.below
	wait := &Wait{used.counter, used.free}
	switch {
	case !r.facts.rule.Limit.Queue || used.what == "thread":
		if used.what == "rate" && c.Path == "" && c.standing != nil && *c.standing != known {
			r.newcomers.turnedAway(ctx, used.free, used.reason)
		}
		v.Store, err = r.patience.unanswered(ctx, c)
		return v, err
	case c.Queued:
		v.Wait = wait
		return v, nil
	}
	if full := r.facts.places.Full(c.Author(), c.standing == nil || *c.standing == known); full != "" {
		v.Reason += "; " + full
		v.Store, err = r.patience.unanswered(ctx, c)
		return v, err
	}
	before, _ := r.facts.places.Count("")
	v.Reason = fmt.Sprintf("%s; it waits, %d before it", used.reason, before)
	v.Wait = wait
	return v, nil
}

// usage is the limit that is used up, and how; the reason is "" when none is. Below are the counters that are not.
type usage struct {
	allowance
	reason string
	free   time.Time
	below  []string
}

// limited returns the first limit of a signal that is used up. When none is, it holds a place under each until it ends.
func (r *limits) limited(ctx context.Context, c *Candidate) (usage, error) {
	var below []string
	for _, a := range r.allowances(c) {
		full, free, err := r.enter(ctx, c, a)
		if err != nil {
			r.ended(c)("")
			return usage{}, fmt.Errorf("counting %s: %w", a.counter, err)
		}
		if free.After(r.facts.now()) {
			r.ended(c)("")
			return usage{a, a.used(full, free), free, below}, nil
		}
		if _, n := r.facts.places.Count(a.counter); n > 0 && !c.Queued && !r.overtakes(c) {
			r.ended(c)("")
			return usage{a, fmt.Sprintf("%s: %d wait for the same", a.what, n), time.Time{}, below}, nil
		}
		below = append(below, a.counter)
	}
	return usage{below: below}, nil
}

// enter is free, and gives the signal a place under the counter when it is allowed now. Whether it is may depend on those
// who have a place and are not stored yet: then it waits for them.
func (r *limits) enter(ctx context.Context, c *Candidate, a allowance) (full engine.Rate, free time.Time, err error) {
	if slices.Contains(c.entered, a.counter) {
		return engine.Rate{}, time.Time{}, nil
	}
	for {
		var less <-chan struct{}
		full, free, err = r.look(ctx, c, a, func(w *window, rates []engine.Rate, now time.Time) {
			if less = r.facts.gates.answers.entered.enter(a.counter, w, rates, now); less == nil {
				c.entered = append(c.entered, a.counter)
			}
		})
		if err != nil || less == nil {
			return full, free, err
		}
		select {
		case <-less:
		case <-ctx.Done():
			return engine.Rate{}, time.Time{}, ctx.Err()
		}
	}
}

// ended gives back the places of a signal.
func (r *limits) ended(c *Candidate) func(engine.Outcome) {
	return func(engine.Outcome) {
		r.facts.gates.answers.leave(c.entered)
		c.entered = nil
	}
}

// overtakes reports whether a signal may go before those of others that wait: it is from somebody who was answered before
// or is followed, for whom a part of the rate is kept, and who has nothing waiting.
func (r *limits) overtakes(c *Candidate) bool {
	return c.Event != nil && c.standing != nil && *c.standing == known && r.facts.places.OfOne(c.Author()) == 0
}

// blocking returns the first counter that holds a waiting signal up, and until when, zero when others stand before it.
func (r *limits) blocking(ctx context.Context, c *Candidate, before map[string]bool) (counter string, free time.Time, err error) {
	now := r.facts.now()
	for _, a := range r.allowances(c) {
		if a.what == "thread" {
			continue // It does not wait for that.
		}
		if before[a.counter] {
			return a.counter, time.Time{}, nil
		}
		_, free, err := r.free(ctx, c, a)
		if err != nil || free.After(now) {
			return a.counter, free, err
		}
	}
	return "", time.Time{}, nil
}

// free returns when the next signal under the counter is allowed, in the past when one is allowed now, and the rate that
// holds it up longest.
func (r *limits) free(ctx context.Context, c *Candidate, a allowance) (full engine.Rate, free time.Time, err error) {
	return r.look(ctx, c, a, func(*window, []engine.Rate, time.Time) {})
}

// look is free, and calls allowed under the lock of the counts when a signal is allowed now.
func (r *limits) look(
	ctx context.Context, c *Candidate, a allowance, allowed func(*window, []engine.Rate, time.Time),
) (full engine.Rate, free time.Time, err error) {
	now := r.facts.now()
	rates := a.rates
	if a.what == "rate" {
		stands, err := r.standings.stands(ctx, c)
		if err != nil {
			return engine.Rate{}, time.Time{}, err
		}
		rates = stands.rate(rates)
	}
	longest := slices.MaxFunc(rates, func(a, b engine.Rate) int { return cmp.Compare(a.Per, b.Per) })
	err = r.answers.within(ctx, a.counter, longest.Per, func(w *window) {
		if full, free = w.free(rates, 0, now); !free.After(now) {
			allowed(w, rates, now)
		}
	})
	return full, free, err
}

// first returns the first counter that the answers to a signal are counted under, "" for none.
func (r *limits) first(c *Candidate) string {
	if all := r.allowances(c); len(all) > 0 {
		return all[0].counter
	}
	return ""
}

// used says what is used up.
func (a allowance) used(full engine.Rate, free time.Time) string {
	if full.Per == engine.CounterAge {
		return fmt.Sprintf("%s: %d answers", a.what, full.Count)
	}
	return fmt.Sprintf("%s: %s used up until %s", a.what, full, free.UTC().Format(time.RFC3339))
}
