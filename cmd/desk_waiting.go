package cmd

import (
	"context"
	"slices"
	"time"
)

// DropWaiting implements [controls]. What was dropped stays claimed, so that no relay can bring it again.
func (d *desk) DropWaiting(ctx context.Context, o waitingOrder) (answer waitingAnswer, err error) {
	answer = waitingAnswer{Rule: o.Rule, Dropped: []string{}}
	defer func() {
		if d.droppedWaiting != nil && len(answer.Dropped) > 0 {
			d.droppedWaiting(o.Rule, answer.Dropped)
		}
	}()
	for w, err := range waitingOf(ctx, d.ledger.Reader, o.Rule) {
		if err != nil {
			return answer, err
		}
		if !slices.Contains(o.Keys, w.Key) {
			continue
		}
		fresh, err := d.ledger.Commit(ctx, w.End(time.Now(), "dropped by the operator"))
		if err != nil {
			return answer, err
		}
		if fresh {
			answer.Dropped = append(answer.Dropped, w.Key)
		}
	}
	return answer, nil
}
