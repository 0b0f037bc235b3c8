package engine

import (
	"context"
	"fmt"
	"slices"
	"time"
)

// allowance is one limit as it applies to one signal: at most so many marks within a time span, for ever if zero.
type allowance struct {
	what string // as a person knows it: "author", "thread", "rate"
	mark string
	most int
	per  time.Duration
}

// allowances lists the limits that apply to a signal, in an order that is the same for every signal, so that two
// signals never wait for each other.
func (r *runner) allowances(t *trial) []allowance {
	var all []allowance
	add := func(what, detail string, most int, per time.Duration) {
		if most > 0 {
			all = append(all, allowance{what, r.rule.Name + "/" + what + "/" + detail, most, per})
		}
	}
	limit := r.rule.Limit
	add("rate", t.path, limit.Rate.Count, limit.Rate.Per)
	if t.Event != nil {
		add("author", t.Event.PubKey, limit.Author.Count, limit.Author.Per)
	}
	if t.Thread != "" {
		add("thread", t.Thread, limit.Thread, MarkAge)
	}
	return all
}

// limitGate counts what was answered within each window. From here to the commit no other signal under the same
// marks passes, so that two at once cannot both take the last place.
func (r *runner) limitGate(ctx context.Context, t *trial) (Outcome, string, error) {
	for _, a := range r.allowances(t) {
		leave, err := r.turns.enter(ctx, "limit/"+a.mark)
		if err != nil {
			return pass, "", err
		}
		t.leave = append(t.leave, leave)
		for {
			free, err := r.free(ctx, a)
			if err != nil {
				return pass, "", fmt.Errorf("counting %s: %w", a.mark, err)
			}
			wait := free.Sub(r.engine.Clock.Now())
			if wait <= 0 {
				break
			}
			if !r.rule.Limit.Queue || a.what == "thread" {
				return RateLimited, a.used(free), nil
			}
			// Waiting here holds the rule's place on the relay or the feed, so what waits survives a restart.
			select {
			case <-ctx.Done():
				return pass, "", ctx.Err()
			case <-r.engine.Clock.After(wait):
				t.now = r.engine.Clock.Now() // What is answered late is dated late.
				t.Data.scope().Now = t.now
			}
		}
		t.marks = append(t.marks, a.mark)
	}
	return pass, "", nil
}

// free returns when the next signal under the mark is allowed: in the past when one is allowed now.
func (r *runner) free(ctx context.Context, a allowance) (time.Time, error) {
	times, err := r.ledger.Times(ctx, a.mark, r.engine.Clock.Now().Add(-a.per))
	if err != nil || len(times) < a.most {
		return time.Time{}, err
	}
	slices.SortFunc(times, time.Time.Compare)
	return times[len(times)-a.most].Add(a.per), nil
}

// used says what is used up.
func (a allowance) used(free time.Time) string {
	if a.what == "thread" {
		return fmt.Sprintf("thread: %d answers below one root", a.most)
	}
	return fmt.Sprintf("%s: %s used up until %s", a.what, Rate{a.most, a.per}, free.UTC().Format(time.RFC3339))
}
