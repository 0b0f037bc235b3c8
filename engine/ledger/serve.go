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

// serve hands out what is due to relay until nothing is, the relay shall rest, or ctx ends.
func (w worker) serve(ctx context.Context, relay string) ended {
	for ctx.Err() == nil {
		due, next, err := w.queue.Due(context.WithoutCancel(ctx), relay, time.Now(), handOut)
		if err != nil || len(due) == 0 {
			return ended{relay: relay, next: next, err: err}
		}
		rest, err := w.round(ctx, due)
		if err != nil {
			return ended{relay: relay, err: err}
		}
		if !rest.IsZero() {
			return ended{relay: relay, next: rest, resting: true}
		}
	}
	return ended{relay: relay}
}

// round delivers due in order. It returns after everything is stored, so that asking the queue again is safe. Rest
// is set when the relay shall rest: the next delivery would overtake one that could not be tried.
func (w worker) round(ctx context.Context, due []Owed) (rest time.Time, err error) {
	var stored receipt
	for _, o := range due {
		if ctx.Err() != nil {
			break
		}
		s := w.deliver(ctx, o.Delivery)
		rest = s.Rest
		if Counts(s.State) || !s.Next.IsZero() {
			s.Reason = Text(s.Reason)
			w.settler.store(Settled{ID: o.ID, Relay: o.Relay, Settlement: s}, &stored)
		} else if rest.IsZero() {
			rest = time.Now().Add(pause)
		}
		if !rest.IsZero() {
			break
		}
	}
	return rest, stored.wait()
}
