package memory

import (
	"context"
	"slices"

	"github.com/nbd-wtf/go-nostr"

	"rhea/engine"
	"rhea/engine/ledger"
)

// Progress returns the state of an event at each relay. Of events without open deliveries only the latest are known.
func (l *Ledger) Progress(ctx context.Context, d engine.Delivery) ([]engine.Delivery, error) {
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
	s.drainer.WakeAll()
	return engine.Replaced, nil
}
