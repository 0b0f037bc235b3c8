package control

import (
	"context"
	"iter"
	"slices"
	"sync"
	"time"

	"rhea/engine"
	"rhea/engine/ledger"
)

// Rerun implements [Controls]. One commit makes the failed signal wait again, under the claim that it has, and deletes what
// was kept of it. So it runs once for each order, whatever crashes in between.
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

// DropWaiting implements [Controls]. A dropped signal stays claimed, so that it does not run when a relay sends it again.
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
	// All at once, so that they share transactions.
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
			failed = failures[i] // One of them is enough.
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
