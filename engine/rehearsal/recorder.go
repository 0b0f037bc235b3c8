package rehearsal

import (
	"context"

	"github.com/nbd-wtf/go-nostr"

	"rhea/engine"
)

// recorder is the ledger, the relays and the observer of one sample. It records what it is given.
type recorder struct {
	engine.Ledger

	decision engine.Decision
	events   []nostr.Event
	owed     []engine.Delivery
}

var (
	_ engine.Ledger    = (*recorder)(nil)
	_ engine.Observer  = (*recorder)(nil)
	_ engine.Publisher = (*recorder)(nil)
)

// Commit implements [engine.Ledger].
func (w *recorder) Commit(ctx context.Context, e engine.Entry) (bool, error) {
	w.owed = e.Deliveries
	return w.Ledger.Commit(ctx, e)
}

// Decided implements [engine.Observer].
func (w *recorder) Decided(d engine.Decision, events []nostr.Event) { w.decision, w.events = d, events }

// Settled implements [engine.Observer].
func (w *recorder) Settled(engine.Delivery, engine.Settlement) {}

// Publish implements [engine.Publisher].
func (w *recorder) Publish(context.Context, string, nostr.Event) error { return nil }

// eventsOwed puts the events together with their relays.
func (w *recorder) eventsOwed() []Owed {
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
