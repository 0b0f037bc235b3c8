package cmd

import (
	"context"
	"sync"
	"time"

	"rhea/engine"
)

// DropWaiting implements [controls]. What was dropped stays claimed, so that no relay can bring it again.
func (c *controller) DropWaiting(ctx context.Context, o waitingOrder) (waitingAnswer, error) {
	answer := waitingAnswer{Rule: o.Rule, Dropped: []string{}}
	meant := make(map[string]bool, len(o.Keys))
	for _, k := range o.Keys {
		meant[k] = true
	}
	var found []engine.Waiting
	for w, err := range waitingOf(ctx, c.ledger.View(), o.Rule) {
		if err != nil {
			return answer, err
		}
		if meant[w.Key] {
			found = append(found, w)
		}
	}
	// At once, so that they share transactions.
	dropped, failures := make([]bool, len(found)), make([]error, len(found))
	var commits sync.WaitGroup
	for i, w := range found {
		commits.Go(func() { dropped[i], failures[i] = c.ledger.Commit(ctx, w.End(time.Now(), "dropped by the operator")) })
	}
	commits.Wait()
	var failed error
	for i, w := range found {
		if dropped[i] {
			answer.Dropped = append(answer.Dropped, w.Key)
		}
		if failed == nil {
			failed = failures[i] // The others say the same.
		}
	}
	if c.droppedWaiting != nil && len(answer.Dropped) > 0 {
		c.droppedWaiting(o.Rule, answer.Dropped)
	}
	return answer, failed
}
