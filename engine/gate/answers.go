package gate

import (
	"context"
	"fmt"
	"time"
)

// answers knows when answers were given.
type answers struct{ facts *facts }

// within calls do with when answers under a counter were made, as far back as is looked at.
func (r *answers) within(ctx context.Context, counter string, back time.Duration, do func(*window)) error {
	return r.facts.gates.answers.with(ctx, r.facts.ledger, []span{{counter, back}}, func(of []*window) { do(of[0]) })
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
