package memory

import (
	"cmp"
	"slices"
	"time"

	"rhea/engine"
	"rhea/engine/ledger"
)

// maxSettled is how many settled deliveries stay visible.
const maxSettled = 1000

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

// progress is one event with all its deliveries.
type progress struct {
	owed []*owed
	// left is how many of them are open.
	left int
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

// track adds an open delivery; it replaces an earlier one to the same relay.
func (q *queue) track(o *owed) {
	p := q.progress[o.Number]
	if p == nil {
		p = &progress{}
		q.progress[o.Number] = p
	}
	p.left++
	if i := slices.IndexFunc(p.owed, func(x *owed) bool { return x.Relay == o.Relay }); i >= 0 {
		p.owed[i] = o
		return
	}
	p.owed = append(p.owed, o)
}

// untrack notes that a delivery is settled, and forgets the event with the last one.
func (q *queue) untrack(o *owed) {
	p := q.progress[o.Number]
	if p.left--; p.left == 0 {
		delete(q.progress, o.Number)
	}
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

func (q *queue) find(event, relay string) *owed {
	if b := q.relays[relay]; b != nil {
		for _, o := range b.owed {
			if o.Event.ID == event && !ledger.Final(o.State) {
				return o
			}
		}
	}
	for _, o := range slices.Backward(q.settled) {
		if o.Event.ID == event && o.Relay == relay {
			return o
		}
	}
	return nil
}

// all returns copies of the deliveries that pass, newest first.
func (q *queue) all(pass func(*owed) bool) []ledger.Owed {
	var found []ledger.Owed
	for _, b := range q.relays {
		for _, o := range b.owed {
			if !ledger.Final(o.State) && pass(o) {
				found = append(found, o.Owed)
			}
		}
	}
	for _, o := range q.settled {
		if pass(o) {
			found = append(found, o.Owed)
		}
	}
	slices.SortFunc(found, func(a, b ledger.Owed) int { return cmp.Compare(b.ID, a.ID) })
	return found
}

func (b *backlog) index(id int64) (at int, found bool) {
	return slices.BinarySearchFunc(b.owed, id, func(o *owed, id int64) int { return cmp.Compare(o.ID, id) })
}

// owes reports whether the event is still owed to a relay.
func (p *progress) owes(relay string) bool {
	return slices.ContainsFunc(p.owed, func(o *owed) bool { return o.Relay == relay && !ledger.Final(o.State) })
}
