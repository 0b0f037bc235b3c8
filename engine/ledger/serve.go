package ledger

import (
	"context"
	"time"
)

// worker serves one relay at a time, one delivery after the other.
type worker struct {
	queue   Queue
	deliver Deliver
	settler *settler
}

// serve hands out what is due to relay until nothing is, or ctx ends.
func (w worker) serve(ctx context.Context, relay string) ended {
	for ctx.Err() == nil {
		due, next, err := w.queue.Due(context.WithoutCancel(ctx), relay, time.Now(), handOut)
		if err != nil || len(due) == 0 {
			return ended{relay: relay, next: next, err: err}
		}
		counted, err := w.round(ctx, due)
		if err != nil {
			return ended{relay: relay, err: err}
		}
		if !counted {
			return ended{relay: relay, next: time.Now().Add(pause)}
		}
	}
	return ended{relay: relay}
}

// round delivers due in order. It returns after everything is stored, so that asking the queue again is safe.
// Counted is false when it stopped at a try that did not count: the next one would overtake it.
func (w worker) round(ctx context.Context, due []Owed) (counted bool, err error) {
	var stored receipt
	for _, o := range due {
		if ctx.Err() != nil {
			break
		}
		s := w.deliver(ctx, o.Delivery)
		if !Counts(s.State) {
			return false, stored.wait()
		}
		s.Reason = Text(s.Reason)
		w.settler.store(Settled{ID: o.ID, Relay: o.Relay, Settlement: s}, &stored)
	}
	return true, stored.wait()
}
