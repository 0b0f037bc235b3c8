package memory

import (
	"cmp"
	"context"
	"slices"
	"time"

	"rhea/engine"
	"rhea/engine/ledger"
)

// maxSettled is how many settled deliveries stay visible.
const maxSettled = 1000

var _ ledger.Queue = (*Store)(nil)

// queue holds the open deliveries by relay and the latest settled ones.
type queue struct {
	relays  map[string]*backlog
	settled []*owed
	// progress holds all deliveries of each event with open ones, by its number.
	progress map[int64]*progress
	last     int64
}

// backlog is what is owed to one relay, in the order of commits. Settled deliveries are removed from its front, or when
// they are half of it.
type backlog struct {
	owed    []*owed
	settled int
}

type owed struct {
	ledger.Owed
	// due is the zero time for a delivery that was never tried.
	due time.Time
}

// add puts the deliveries of an entry into their backlogs and returns them. Those of one event get one number.
func (q *queue) add(deliveries []engine.Delivery, now time.Time) (added []ledger.Owed) {
	numbers := make(map[string]int64, len(deliveries))
	for _, d := range deliveries {
		q.last++
		if _, known := numbers[d.Event.ID]; !known {
			numbers[d.Event.ID] = q.last
		}
		d.Number = numbers[d.Event.ID]
		d.State, d.Attempts, d.Reason = engine.Pending, 0, ""
		if d.Committed.IsZero() {
			d.Committed = now
		}
		o := ledger.Owed{ID: q.last, Delivery: d}
		q.open(&owed{Owed: o})
		added = append(added, o)
	}
	return added
}

// open puts a delivery back where its commit belongs.
func (q *queue) open(o *owed) {
	q.track(o)
	b := q.relays[o.Relay]
	if b == nil {
		b = &backlog{}
		q.relays[o.Relay] = b
	}
	at, settled := b.index(o.ID)
	if settled {
		b.owed[at] = o
		b.settled--
		return
	}
	b.owed = slices.Insert(b.owed, at, o)
}

func (q *queue) apply(o *owed, s engine.Settlement) {
	o.State, o.Reason, o.due = s.State, s.Reason, s.Next
	if !ledger.Final(s.State) {
		return
	}
	q.settled = append(q.settled, o)
	if len(q.settled) > maxSettled {
		q.settled = slices.Delete(q.settled, 0, len(q.settled)-maxSettled)
	}
	q.untrack(o)
	b := q.relays[o.Relay]
	b.settled++
	for len(b.owed) > 0 && ledger.Final(b.owed[0].State) {
		b.owed = b.owed[1:]
		b.settled--
	}
	if b.settled*2 > len(b.owed) {
		b.owed = slices.DeleteFunc(b.owed, func(o *owed) bool { return ledger.Final(o.State) })
		b.settled = 0
	}
	if len(b.owed) == 0 {
		delete(q.relays, o.Relay)
	}
}

// acceptLate notes that a relay has an event that was given up while it was under way.
func (q *queue) acceptLate(t ledger.Settled) {
	for _, o := range q.settled {
		if o.ID == t.ID && o.Relay == t.Relay && o.State == engine.GivenUp {
			o.Attempts++
			o.State, o.Reason = t.State, t.Reason
		}
	}
}

// findOpen returns an open delivery by its number.
func (q *queue) findOpen(relay string, id int64) *owed {
	b := q.relays[relay]
	if b == nil {
		return nil
	}
	at, ok := b.index(id)
	if !ok || ledger.Final(b.owed[at].State) {
		return nil
	}
	return b.owed[at]
}

func (b *backlog) index(id int64) (at int, found bool) {
	return slices.BinarySearchFunc(b.owed, id, func(o *owed, id int64) int { return cmp.Compare(o.ID, id) })
}

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

// StoreSettled implements [ledger.Queue].
func (s *Store) StoreSettled(_ context.Context, tries []ledger.Settled) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, t := range tries {
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
	return nil
}
