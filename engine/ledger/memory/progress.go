package memory

import (
	"context"
	"slices"

	"github.com/nbd-wtf/go-nostr"

	"rhea/engine"
	"rhea/engine/ledger"
)

// progress is one event with all its deliveries.
type progress struct {
	owed []*owed
	// left is how many of them are open.
	left int
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

// Fate returns the state of an event at each relay. Of events without open deliveries only the latest are known.
func (l *Ledger) Fate(ctx context.Context, d engine.Delivery) ([]engine.Delivery, error) {
	s, err := l.enter(ctx)
	if err != nil {
		return nil, err
	}
	defer s.mu.Unlock()
	var found []engine.Delivery
	if p := s.queue.progress[d.Number]; p != nil {
		for _, o := range p.owed {
			found = append(found, o.Delivery)
		}
		return found, nil
	}
	for _, o := range s.queue.settled {
		if o.Number == d.Number {
			found = append(found, o.Delivery)
		}
	}
	return found, nil
}

// Latest returns the version of an address that relays would keep.
func (l *Ledger) Latest(ctx context.Context, address, relay string) (*nostr.Event, error) {
	s, err := l.enter(ctx)
	if err != nil {
		return nil, err
	}
	defer s.mu.Unlock()
	var latest *nostr.Event
	for _, o := range s.queue.all(func(o *owed) bool {
		wanted := relay == "" || o.Relay == relay && (o.State == engine.Accepted || !ledger.Final(o.State))
		return wanted && address != "" && engine.Address(&o.Event) == address
	}) {
		if latest == nil || engine.Newer(&o.Event, latest) {
			latest = &o.Event
		}
	}
	return latest, nil
}

// Event returns what was committed under an id.
func (l *Ledger) Event(ctx context.Context, id string) (*nostr.Event, error) {
	s, err := l.enter(ctx)
	if err != nil {
		return nil, err
	}
	defer s.mu.Unlock()
	if found := s.queue.all(func(o *owed) bool { return o.Event.ID == id }); len(found) > 0 {
		return &found[0].Event, nil
	}
	return nil, nil
}

// Replace replaces an event that no relay has accepted.
func (l *Ledger) Replace(ctx context.Context, d engine.Delivery, with nostr.Event, why engine.Decision) (engine.Replacement, error) {
	s, err := l.enter(ctx)
	if err != nil {
		return engine.Kept, err
	}
	defer s.mu.Unlock()
	p := s.queue.progress[d.Number]
	switch {
	case p == nil, !p.owes(d.Relay):
		return engine.Gone, nil
	case slices.ContainsFunc(p.owed, func(o *owed) bool {
		return o.State == engine.Accepted || (o.Event.ID != d.Event.ID && !ledger.Final(o.State))
	}):
		return engine.Kept, nil
	}
	for _, o := range p.owed {
		if !ledger.Final(o.State) {
			o.Event = with
		}
	}
	s.history.add(why)
	return engine.Replaced, nil
}

// owes reports whether the event is still owed to a relay.
func (p *progress) owes(relay string) bool {
	return slices.ContainsFunc(p.owed, func(o *owed) bool { return o.Relay == relay && !ledger.Final(o.State) })
}
