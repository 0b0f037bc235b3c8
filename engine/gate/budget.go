package gate

import (
	"context"
	"time"

	"github.com/nbd-wtf/go-nostr"

	"rhea/engine"
)

// Reservation is what the budgets of a rule say of the events of a signal.
type Reservation struct {
	// Gate names who stops the signal, and Verdict says why. It passes when it may be published: Count are its marks then.
	Gate    string
	Verdict Verdict
	// Done, never nil, turns what was reserved into what counts, or takes it back.
	Done func(committed bool)
}

func turnedDown(gate string, v Verdict) Reservation { return Reservation{gate, v, func(bool) {}} }

// Reserve is asked last before the commit: it counts the events of the signal, or stops the signal because they would be a
// flood or a repetition. Reply says that they answer a word to the bot.
func (r *Rule) Reserve(ctx context.Context, c *Candidate, events []nostr.Event, reply bool) (Reservation, error) {
	var count []string
	if c.Event != nil {
		if _, err := r.stands(ctx, c); err != nil {
			return Reservation{}, err
		}
		count = append(count, r.mark("author", c.Event.PubKey)) // So that it is known that they were answered.
	}
	began := r.now()
	// While this signal was on its way another one may have held the rule.
	if v, err := r.held(ctx); err != nil || v.Outcome != Skip {
		return turnedDown("hold", v), err
	}
	prints := r.fingerprints(c, events)
	f := r.gates.floods
	if !f.publish(prints) {
		return turnedDown("repeat", stop(engine.RateLimited, "the same is being published")), nil
	}
	reserved, err := r.reserve(ctx, c, events, reply, prints, began)
	if err != nil || reserved.Verdict.Outcome != Pass || r.dry {
		f.settle(nil, prints, false)
	}
	if reserved.Verdict.Outcome == Pass {
		reserved.Verdict.Count = append(count, reserved.Verdict.Count...)
	}
	return reserved, err
}

func (r *Rule) reserve(
	ctx context.Context, c *Candidate, events []nostr.Event, reply bool, prints []fingerprint, began time.Time,
) (Reservation, error) {
	f := r.gates.floods
	if reason, err := r.repeated(ctx, prints); err != nil || reason != "" {
		return turnedDown("repeat", stop(engine.RateLimited, reason)), err
	}
	budgets, err := r.budgets(ctx, c, events, reply)
	if err != nil {
		return Reservation{}, err
	}
	var over *excess
	var held bool
	err = f.locked(ctx, r.rule.Name, budgets, func(since time.Time) {
		held = !since.Before(began)
		if over = f.over(budgets, since); over != nil || r.dry {
			return // What is not published does not count.
		}
		for _, b := range budgets {
			f.windows[b.mark].pending += b.n
		}
		f.evict()
	})
	if err != nil {
		return Reservation{}, err
	}
	if over != nil {
		return turnedDown("flood", r.overBudget(ctx, over, reply)), nil
	}
	if held { // The budgets count from a hold that came after the first look.
		if v, err := r.held(ctx); err != nil || v.Outcome != Skip {
			if !r.dry {
				f.settle(budgets, nil, false)
			}
			return turnedDown("hold", v), err
		}
	}
	v := pass("")
	if r.dry {
		return turnedDown("flood", v), nil
	}
	for _, b := range budgets {
		for range b.n {
			v.Count = append(v.Count, b.mark)
		}
	}
	for _, p := range prints {
		if !p.answer {
			v.Count = append(v.Count, p.mark)
		}
	}
	return Reservation{"flood", v, func(committed bool) { f.settle(budgets, prints, committed) }}, nil
}

// overBudget turns a signal down that would exceed a budget. What strangers set off slows down; all else is held.
func (r *Rule) overBudget(ctx context.Context, over *excess, reply bool) Verdict {
	switch {
	case reply:
		return stop(engine.RateLimited, "too many say so to be told that it was heard")
	case over.strangers:
		return r.slowDown(ctx, over.reason)
	case !r.dry:
		r.gates.floods.hold(ctx, r.rule.Name, over, r.now())
	}
	return stop(engine.RateLimited, over.reason)
}
