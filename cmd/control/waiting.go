package control

import (
	"context"
	"iter"
	"sync"
	"time"

	"rhea/engine"
	"rhea/engine/ledger"
)

// DropWaiting implements [Controls]. What was dropped stays claimed, so that no relay can bring it again.
func (c *Controller) DropWaiting(ctx context.Context, o WaitingOrder) (WaitingAnswer, error) {
	answer := WaitingAnswer{Rule: o.Rule, Dropped: []string{}}
	meant := make(map[string]bool, len(o.Keys))
	for _, k := range o.Keys {
		meant[k] = true
	}
	var found []engine.Waiting
	for w, err := range Waiting(ctx, c.opts.State.View(), o.Rule) {
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
		commits.Go(func() {
			dropped[i], failures[i] = c.opts.State.Commit(ctx, w.End(time.Now(), "dropped by the operator"))
		})
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
	if c.opts.Bot != nil && len(answer.Dropped) > 0 {
		c.opts.Bot.DroppedWaiting(o.Rule, answer.Dropped)
	}
	return answer, failed
}

// waitingPage is how much of what waits is read at a time.
const waitingPage = 100

// Waiting yields what waits for a limit of a rule, or of any without one, in the order in which it will go on.
func Waiting(ctx context.Context, r ledger.Reader, rule string) iter.Seq2[engine.Waiting, error] {
	return func(yield func(engine.Waiting, error) bool) {
		for behind := int64(0); ; {
			page, err := r.Waiting(ctx, rule, behind, waitingPage)
			if err != nil {
				yield(engine.Waiting{}, err)
				return
			}
			for _, w := range page {
				behind = w.Number
				if !yield(w, nil) {
					return
				}
			}
			if len(page) < waitingPage {
				return
			}
		}
	}
}
