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
func (w worker) serve(ctx context.Context, relay string, l *line) ended {
	defer l.serve(false)
	for ctx.Err() == nil {
		due, err := w.due(ctx, relay, l)
		if err != nil || len(due) == 0 {
			return ended{relay: relay, next: l.wait(), err: err}
		}
		if rest := w.round(ctx, due, l); !rest.IsZero() {
			return ended{relay: relay, next: rest, resting: true}
		}
	}
	return ended{relay: relay}
}

// due returns what is to be delivered now, from memory or else from the queue.
func (w worker) due(ctx context.Context, relay string, l *line) ([]Owed, error) {
	now := time.Now()
	if due, known := l.take(now); known {
		if l.unstored() < maxUnstored {
			return due, nil
		}
		return due, w.settler.wait(l)
	}
	// What is not stored yet would be read as still owed.
	if err := w.settler.wait(l); err != nil {
		return nil, err
	}
	due, next, err := w.queue.Due(context.WithoutCancel(ctx), relay, now, handOut)
	if err != nil {
		return nil, err
	}
	l.read(due, next)
	return due, nil
}

// round delivers due in order. Rest is set when the relay shall rest: the next delivery would overtake one that could
// not be tried.
func (w worker) round(ctx context.Context, due []Owed, l *line) (rest time.Time) {
	for _, o := range due {
		if ctx.Err() != nil || l.outdated() {
			return rest
		}
		s := w.deliver(ctx, o.Delivery)
		rest = s.Rest
		if Counts(s.State) || !s.Next.IsZero() {
			if !Final(s.State) {
				l.later(s.Next)
			}
			s.Reason = Text(s.Reason)
			w.settler.store(Settled{ID: o.ID, Relay: o.Relay, Settlement: s}, l)
		} else if rest.IsZero() {
			rest = time.Now().Add(pause)
		}
		if !rest.IsZero() {
			l.miss()
			return rest
		}
	}
	return rest
}
