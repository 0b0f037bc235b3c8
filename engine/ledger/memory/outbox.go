package memory

import (
	"context"
	"iter"
	"slices"
	"time"

	"rhea/engine"
	"rhea/engine/ledger"
)

// Deliveries yields the deliveries in the given states, newest first. Of the settled ones the latest 1,000 are known.
func (l *Ledger) Deliveries(ctx context.Context, states ...engine.DeliveryState) iter.Seq2[engine.Delivery, error] {
	return func(yield func(engine.Delivery, error) bool) {
		s, err := l.enter(ctx)
		if err != nil {
			yield(engine.Delivery{}, err)
			return
		}
		found := s.queue.all(func(o *owed) bool { return len(states) == 0 || slices.Contains(states, o.State) })
		s.mu.Unlock()
		for _, d := range found {
			if !yield(d.Delivery, nil) {
				return
			}
		}
	}
}

// Retry makes a delivery due now.
func (l *Ledger) Retry(ctx context.Context, event, relay string) error {
	s, err := l.enter(ctx)
	if err != nil {
		return err
	}
	defer s.mu.Unlock()
	o := s.queue.find(event, relay)
	if o == nil {
		return ledger.ErrNotFound
	}
	if ledger.Final(o.State) {
		s.queue.settled = slices.DeleteFunc(s.queue.settled, func(x *owed) bool { return x == o })
		again := *o
		s.queue.open(&again)
		o = &again
	}
	o.State, o.due = engine.Pending, time.Time{}
	s.drainer.Wake(relay)
	return nil
}

// Drop gives up an open delivery.
func (l *Ledger) Drop(ctx context.Context, event, relay string) error {
	s, err := l.enter(ctx)
	if err != nil {
		return err
	}
	defer s.mu.Unlock()
	o := s.queue.find(event, relay)
	if o == nil || ledger.Final(o.State) {
		return ledger.ErrNotFound
	}
	s.queue.apply(o, engine.Settlement{State: engine.GivenUp, Reason: ledger.Dropped})
	s.drainer.Wake(relay)
	return nil
}
