package control

import (
	"context"
	"slices"
	"time"

	"rhea/engine"
	"rhea/engine/ledger"
)

// Rerun implements [Controls]. What was kept of a signal that failed waits again, under the claim that it has, and is
// kept no longer: so it runs once for each order, whatever crashes in between.
func (c *Controller) Rerun(ctx context.Context, o RerunOrder) (RerunAnswer, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	answer := RerunAnswer{Rule: o.Rule, Items: []engine.Failure{}}
	kept, err := Failures(ctx, c.opts.State.View(), o.Rule)
	if err != nil {
		return answer, err
	}
	now := time.Now()
	for _, f := range kept {
		if !slices.Contains(o.Keys, f.Key) {
			continue
		}
		again, err := f.Again(o.Rule, now)
		if err != nil {
			return answer, err
		}
		fresh, err := c.opts.State.Commit(ctx, again)
		if err != nil {
			return answer, err
		}
		if fresh {
			answer.Items = append(answer.Items, f)
		}
	}
	if c.opts.Bot != nil && len(answer.Items) > 0 {
		c.opts.Bot.Reran(o.Rule)
	}
	return answer, nil
}

// Failures returns the signals of a rule that failed and can run again, the oldest first.
func Failures(ctx context.Context, r ledger.Reader, rule string) ([]engine.Failure, error) {
	positions, err := r.Positions(ctx, engine.FailureStream(rule, ""))
	if err != nil {
		return nil, err
	}
	return engine.ParseFailures(rule, positions), nil
}
