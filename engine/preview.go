package engine

import (
	"context"
	"errors"
	"time"
)

// Previewer is a trigger that can look at what is there now, without taking anything from it: at the items of a feed,
// at recent events, at the next planned time.
type Previewer interface {
	Trigger
	// Preview returns at most n signals, the newest ones, as if nothing had been seen before. An error says what could
	// not be looked at; there may be signals of the rest beside it.
	Preview(ctx context.Context, now time.Time, n int) ([]Signal, error)
}

// Preview lets every trigger of a rule that is a [Previewer] look at what is there now. Like it, it returns signals
// beside an error. It needs no Run.
func (e *Engine) Preview(ctx context.Context, rule string, n int) ([]Sampled, error) {
	r, err := e.runner(rule)
	if err != nil {
		return nil, err
	}
	var all []Sampled
	var failed error
	for _, t := range r.triggers {
		p, ok := t.trigger.(Previewer)
		if !ok {
			continue
		}
		signals, err := p.Preview(ctx, e.Clock.Now(), n)
		failed = errors.Join(failed, err)
		for _, s := range signals {
			all = append(all, Sampled{t.name, s})
		}
	}
	return all, failed
}
