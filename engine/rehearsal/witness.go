package rehearsal

import (
	"context"

	"github.com/nbd-wtf/go-nostr"

	"rhea/engine"
)

// witness is the ledger, the relays and the observer of one sample, and remembers what it saw.
type witness struct {
	engine.Ledger

	decision engine.Decision
	events   []nostr.Event
	owed     []engine.Delivery
}

var (
	_ engine.Ledger    = (*witness)(nil)
	_ engine.Observer  = (*witness)(nil)
	_ engine.Publisher = (*witness)(nil)
)

// Commit implements [engine.Ledger].
func (w *witness) Commit(ctx context.Context, e engine.Entry) (bool, error) {
	w.owed = e.Deliveries
	return w.Ledger.Commit(ctx, e)
}

// Decided implements [engine.Observer].
func (w *witness) Decided(d engine.Decision, events []nostr.Event) { w.decision, w.events = d, events }

// Settled implements [engine.Observer].
func (w *witness) Settled(engine.Delivery, engine.Settlement) {}

// Publish implements [engine.Publisher].
func (w *witness) Publish(context.Context, string, nostr.Event) error { return nil }

// made puts the events together with their relays.
func (w *witness) made() []Owed {
	var all []Owed
	for _, e := range w.events {
		o := Owed{Event: e}
		for _, d := range w.owed {
			if d.Event.ID == e.ID {
				o.Relays = append(o.Relays, d.Relay)
			}
		}
		all = append(all, o)
	}
	return all
}
