package delivery

import (
	"context"
	"fmt"
	"maps"
	"time"

	"rhea/engine"
)

// inherit notes what an earlier run left and is due now, so that a run that ends by itself tries it first.
func (f *tracker) inherit(ctx context.Context) error {
	due, err := f.ledger.DueBy(ctx, time.Now(), maxTracked)
	if err != nil {
		return fmt.Errorf("reading what an earlier run left to be sent: %w", err)
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.left = make(map[engine.Debt]struct{}, len(due))
	for _, d := range due {
		f.left[d] = struct{}{}
	}
	return nil
}

// triedLeft notes a try of what was left. A relay that rests after it is asked nothing more for now. The caller holds the
// lock.
func (f *tracker) triedLeft(d engine.Delivery, s engine.Settlement) {
	delete(f.left, engine.Debt{Number: d.Number, Relay: d.Relay})
	if !s.Rest.IsZero() {
		maps.DeleteFunc(f.left, func(left engine.Debt, _ struct{}) bool { return left.Relay == d.Relay })
	}
}
