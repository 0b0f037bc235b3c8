package ledger

import (
	"context"
	"time"

	"rhea/engine"
)

const (
	// batchSize is how many deliveries to one relay are read at a time.
	batchSize = 32
	// uncountedPause is how long a relay rests after a try that did not count, so that such tries do not spin.
	uncountedPause = time.Second
)

// Deliver hands one delivery to its relay.
type Deliver = func(context.Context, engine.Delivery) engine.Settlement

// worker serves one relay at a time, one delivery after the other.
type worker struct {
	queue       Queue
	deliver     Deliver
	settlements *settlementWriter
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
	for ctx.Err() == nil {
		due, err := w.due(ctx, relay, b)
		if err != nil || len(due) == 0 {
			return ended{relay: relay, next: b.nextDue(), err: err}
		}
		if rest := w.deliverAll(ctx, due, b); !rest.IsZero() {
			return ended{relay: relay, next: rest, resting: true}
		}
	}
	return ended{relay: relay}
}

// due returns the deliveries that are due, from memory or from the queue.
func (w worker) due(ctx context.Context, relay string, b *backlog) ([]Owed, error) {
	now := time.Now()
	if due, known := b.takeDue(now); known {
		if b.countUnstored() < maxUnstored {
			return due, nil
		}
		return due, w.settlements.waitStored(b)
	}
	// Unstored settlements would be read as still owed.
	if err := w.settlements.waitStored(b); err != nil {
		return nil, err
	}
	due, next, err := w.queue.Due(context.WithoutCancel(ctx), relay, now, batchSize)
	if err != nil {
		return nil, err
	}
	b.noteRead(due, next)
	return due, nil
}

// deliverAll hands out due deliveries in order. rest is set when the relay is to rest: the next delivery would overtake
// one that could not be tried.
func (w worker) deliverAll(ctx context.Context, due []Owed, b *backlog) (rest time.Time) {
	for _, o := range due {
		if ctx.Err() != nil || b.isChanged() {
			return rest
		}
		s := w.deliver(ctx, o.Delivery)
		rest = s.Rest
		if Counts(s.State) || !s.Next.IsZero() {
			if !Final(s.State) {
				b.noteNext(s.Next)
			}
			s.Reason = Text(s.Reason)
			w.settlements.add(Settled{ID: o.ID, Relay: o.Relay, Rule: o.Rule, Settlement: s}, b)
		} else if rest.IsZero() {
			rest = time.Now().Add(uncountedPause)
		}
		if !rest.IsZero() {
			b.setStale()
			return rest
		}
	}
	return rest
}
