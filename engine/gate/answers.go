package gate

import (
	"context"
	"fmt"
	"time"
)

// answers knows when answers were given.
type answers struct{ facts *facts }

// times returns when answers under a counter were made. What the signal has read last is good until its end: nobody else
// under the counter gets on meanwhile.
func (r *answers) times(ctx context.Context, c *Candidate, counter string, since time.Time) ([]time.Time, error) {
	if known := c.counted; known.counter == counter && !since.Before(known.since) {
		return known.times[after(known.times, since):], nil
	}
	times, err := counted(ctx, r.facts.ledger, counter, since, r.facts.now())
	if err != nil {
		return nil, err
	}
	c.counted = tally{counter, since, times}
	return times, nil
}

// answered reports whether a rule of the identity has answered an author before a time.
func (r *answers) answered(ctx context.Context, author string, before time.Time) (bool, error) {
	first, ok := r.facts.crowd.firstAnswer(author)
	if !ok {
		var err error
		if first, err = r.firstAnswer(ctx, author); err != nil || first.IsZero() {
			return false, err
		}
		r.facts.crowd.met(author, first)
	}
	return first.Before(before), nil
}

// firstAnswer looks up when a rule of the identity first answered an author, zero for never.
func (r *answers) firstAnswer(ctx context.Context, author string) (first time.Time, err error) {
	for _, name := range r.facts.gates.answering[r.facts.pubkey()] {
		times, err := r.facts.ledger.Counted(ctx, counter(name, "author", author), time.Time{})
		if err != nil {
			return time.Time{}, fmt.Errorf("looking up answers to %s: %w", author, err)
		}
		if len(times) > 0 && (first.IsZero() || times[0].Before(first)) {
			first = times[0]
		}
	}
	return first, nil
}
