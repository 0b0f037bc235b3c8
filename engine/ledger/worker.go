package ledger

import (
	"context"
	"time"

	"rhea/engine"
)

// batchSize is how many deliveries to one relay are read at a time.
const batchSize = 32

// worker serves one relay at a time.
type worker struct {
	queue       Queue
	deliver     engine.Deliver
	settlements *settlements
}

// ended is the end of serving a relay, and when it is due again (zero: when woken).
type ended struct {
	relay string
	next  time.Time
	// resting is true when only wake makes it due before next.
	resting bool
	err     error
}

// serve hands out what is due to relay until nothing is left, the relay is to rest, or ctx ends.
func (w worker) serve(ctx context.Context, relay string, b *backlog) ended {
	defer b.setBusy(false)
	f := newFlights(ctx, w.deliver, w.settlements, b)
	err := w.handOut(ctx, relay, b, f)
	f.close()
	if !f.rest.IsZero() {
		b.setStale()
		return ended{relay: relay, next: f.rest, resting: true, err: err}
	}
	return ended{relay: relay, next: b.nextDue(), err: err}
}

// handOut hands out what is due to relay. It returns with nothing under way, unless ctx ends or the relay is to rest.
func (w worker) handOut(ctx context.Context, relay string, b *backlog, f *flights) error {
	for ctx.Err() == nil && f.rest.IsZero() {
		due, err := w.due(ctx, relay, b, f)
		switch {
		case err != nil:
			return err
		case len(due) > 0:
			f.handOut(due)
		case !f.wait():
			return nil
		}
	}
	return nil
}

// due returns the deliveries that are due, from memory or from the queue.
func (w worker) due(ctx context.Context, relay string, b *backlog, f *flights) ([]Owed, error) {
	if due, known := b.takeDue(time.Now()); known {
		if b.countUnstored() < maxUnstored {
			return due, nil
		}
		return due, w.settlements.waitStored(b)
	}
	// What is under way, or whose settlement is not stored, would be read as still owed.
	f.land()
	if err := w.settlements.waitStored(b); err != nil {
		return nil, err
	}
	due, next, err := w.queue.Due(context.WithoutCancel(ctx), relay, time.Now(), batchSize)
	if err != nil {
		return nil, err
	}
	b.noteRead(due, next)
	return due, nil
}
