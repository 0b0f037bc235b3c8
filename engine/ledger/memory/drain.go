package memory

import (
	"cmp"
	"context"
	"slices"
	"time"

	"rhea/engine"
	"rhea/engine/ledger"
)

var _ ledger.Queue = (*Store)(nil)

// Drain hands out due deliveries until ctx ends.
func (l *Ledger) Drain(ctx context.Context, wake <-chan string, deliver engine.Deliver) error {
	if l.closed.Load() {
		return ledger.ErrClosed
	}
	return l.store.drainer.Run(ctx, wake, deliver)
}

// Relays implements [ledger.Queue].
func (s *Store) Relays(context.Context) (map[string]time.Time, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	relays := make(map[string]time.Time, len(s.queue.relays))
	for relay := range s.queue.relays {
		relays[relay] = time.Time{}
	}
	return relays, nil
}

// Due implements [ledger.Queue].
func (s *Store) Due(_ context.Context, relay string, now time.Time, n int) (due []ledger.Owed, next time.Time, _ error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	b := s.queue.relays[relay]
	if b == nil {
		return nil, time.Time{}, nil
	}
	for _, o := range b.owed {
		switch {
		case ledger.Final(o.State):
		case !o.due.After(now):
			if due = append(due, o.Owed); len(due) == n {
				return due, time.Time{}, nil
			}
		case next.IsZero() || o.due.Before(next):
			next = o.due
		}
	}
	return due, next, nil
}

// Settle implements [ledger.Queue].
func (s *Store) Settle(t ledger.Settled, stored func(error)) {
	s.settle(t)
	stored(nil)
}

func (s *Store) settle(t ledger.Settled) {
	s.mu.Lock()
	defer s.mu.Unlock()
	o := s.queue.findOpen(t.Relay, t.ID)
	switch {
	case o == nil && t.State == engine.Accepted:
		s.queue.acceptLate(t)
	case o == nil:
	case ledger.Counts(t.State):
		o.Attempts++
		s.queue.apply(o, t.Settlement)
	default:
		o.due, o.Reason = t.Next, t.Reason
	}
}

// Hurry implements [ledger.Queue].
func (s *Store) Hurry() {}

// DueBy returns what is due at a time.
func (l *Ledger) DueBy(ctx context.Context, at time.Time, n int) ([]engine.Debt, error) {
	s, err := l.enter(ctx)
	if err != nil {
		return nil, err
	}
	defer s.mu.Unlock()
	var open []*owed
	for _, b := range s.queue.relays {
		for _, o := range b.owed {
			if !ledger.Final(o.State) && !o.due.After(at) {
				open = append(open, o)
			}
		}
	}
	slices.SortFunc(open, func(a, b *owed) int { return cmp.Compare(a.ID, b.ID) })
	var due []engine.Debt
	for _, o := range open[:min(n, len(open))] {
		due = append(due, engine.Debt{Number: o.Number, Relay: o.Relay})
	}
	return due, nil
}
