package bot

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	"rhea/engine"
)

// allowance is one limit as it applies to one signal: at most so many marks, on every rate.
type allowance struct {
	what  string // as a person knows it: "author", "thread", "rate"
	mark  string
	rates []engine.Rate
}

// allowances lists the limits that apply to a signal, in an order that is the same for every signal, so that two
// signals never wait for each other.
func (r *runner) allowances(t *trial) []allowance {
	var all []allowance
	add := func(what, detail string, rates []engine.Rate) {
		if len(rates) > 0 {
			all = append(all, allowance{what, r.limitMark(what, detail), rates})
		}
	}
	limit := r.rule.Limit
	add("rate", t.path, limit.Rate)
	if t.Event != nil {
		add("author", t.Event.PubKey, limit.Author)
	}
	if t.Thread != "" {
		add("thread", t.Thread, limit.Thread)
	}
	return all
}

// limitMark is what the rule's answers are counted under.
func (r *runner) limitMark(what, detail string) string {
	return r.rule.Name + "/" + what + "/" + detail
}

// limitGate counts what was answered within each window. A signal that is over a limit waits in the line of its rule,
// if the rule wants that.
func (r *runner) limitGate(ctx context.Context, t *trial) (engine.Outcome, string, error) {
	a, reason, err := r.limited(ctx, t)
	if err != nil || reason == "" {
		return pass, "", err
	}
	if !r.rule.Limit.Queue || a.what == "thread" {
		if a.what == "rate" && t.path == "" && t.stands != nil && *t.stands != known {
			r.turnedAway(ctx, t, reason)
		}
		return engine.RateLimited, reason, r.noteUnanswered(ctx, t)
	}
	if t.waited {
		t.blocked = a.mark
		return engine.RateLimited, reason, nil
	}
	if full := r.line.places.full(t.author(), t.stands == nil || *t.stands == known); full != "" {
		return engine.RateLimited, reason + "; " + full, r.noteUnanswered(ctx, t)
	}
	before, _ := r.line.places.count("")
	if t.wait, err = t.toWait(); err != nil {
		return pass, "", err
	}
	t.blocked = a.mark
	return engine.RateLimited, fmt.Sprintf("%s; it waits, %d before it", reason, before), nil
}

// limited takes the signal's turn under each mark and returns the limit that is used up, and how. From here to the
// commit no other signal under the same marks passes, so that two at once cannot both take the last place.
func (r *runner) limited(ctx context.Context, t *trial) (allowance, string, error) {
	for _, a := range r.allowances(t) {
		leave, err := r.limits.enter(ctx, a.mark)
		if err != nil {
			return a, "", err
		}
		t.leave = append(t.leave, leave)
		full, free, err := r.free(ctx, t, a)
		if err != nil {
			return a, "", fmt.Errorf("counting %s: %w", a.mark, err)
		}
		if free.After(r.engine.Clock.Now()) {
			t.free = free
			return a, a.used(full, free), nil
		}
		if _, n := r.line.places.count(a.mark); n > 0 && !t.waited && !r.overtakes(t) {
			return a, fmt.Sprintf("%s: %d wait for the same", a.what, n), nil
		}
		t.count(a.mark)
	}
	return allowance{}, "", nil
}

// overtakes reports whether a signal may go before those of others that wait: it is from somebody who was answered before
// or is followed, for whom a part of the rate is kept, and who has nothing waiting.
func (r *runner) overtakes(t *trial) bool {
	return t.Event != nil && t.stands != nil && *t.stands == known && r.line.places.ofOne(t.author()) == 0
}

// blocking returns the first mark that holds a waiting signal up, and until when, zero when others stand before it.
func (r *runner) blocking(ctx context.Context, t *trial, before map[string]bool) (mark string, free time.Time, err error) {
	now := r.engine.Clock.Now()
	for _, a := range r.allowances(t) {
		if a.what == "thread" {
			continue // It does not wait for that.
		}
		if before[a.mark] {
			return a.mark, time.Time{}, nil
		}
		_, free, err := r.free(ctx, t, a)
		if err != nil || free.After(now) {
			return a.mark, free, err
		}
	}
	return "", time.Time{}, nil
}

// count has the signal counted under a mark, once, if it is answered.
func (t *trial) count(mark string) {
	if !slices.Contains(t.marks, mark) {
		t.marks = append(t.marks, mark)
	}
}

// free returns when the next signal under the mark is allowed, in the past when one is allowed now, and the rate that
// holds it up longest.
func (r *runner) free(ctx context.Context, t *trial, a allowance) (full engine.Rate, free time.Time, err error) {
	now := r.engine.Clock.Now()
	longest := slices.MaxFunc(a.rates, func(a, b engine.Rate) int { return cmp.Compare(a.Per, b.Per) })
	times, err := r.times(ctx, t, a.mark, now.Add(-longest.Per))
	if err != nil {
		return engine.Rate{}, time.Time{}, err
	}
	rates := a.rates
	if a.what == "rate" {
		stands, err := r.stands(ctx, t)
		if err != nil {
			return engine.Rate{}, time.Time{}, err
		}
		rates = stands.rate(rates)
	}
	for _, rate := range rates {
		if len(times) < rate.Count {
			continue
		}
		if at := times[len(times)-rate.Count].Add(rate.Per); at.After(free) {
			full, free = rate, at
		}
	}
	return full, free, nil
}

// tally is when answers under a mark were made, since a time.
type tally struct {
	mark  string
	since time.Time
	times []time.Time // oldest first
}

// times returns when answers under a mark were made. What the signal has read last is good until its end: nobody else
// under the mark gets on meanwhile.
func (r *runner) times(ctx context.Context, t *trial, mark string, since time.Time) ([]time.Time, error) {
	if c := t.read; c.mark == mark && !since.Before(c.since) {
		return c.times[after(c.times, since):], nil
	}
	times, err := counted(ctx, r.ledger, mark, since, r.engine.Clock.Now())
	if err != nil {
		return nil, err
	}
	t.read = tally{mark, since, times}
	return times, nil
}

// used says what is used up.
func (a allowance) used(full engine.Rate, free time.Time) string {
	if full.Per == engine.MarkAge {
		return fmt.Sprintf("%s: %d answers", a.what, full.Count)
	}
	return fmt.Sprintf("%s: %s used up until %s", a.what, full, free.UTC().Format(time.RFC3339))
}
