package memory

import (
	"context"
	"time"

	"github.com/nbd-wtf/go-nostr"

	"rhea/engine"
	"rhea/engine/ledger"
)

var (
	_ engine.Ledger  = (*Overlay)(nil)
	_ engine.Journal = (*Overlay)(nil)
)

// Base is what an overlay reads through: any [engine.Ledger], or a reader of one.
type Base = ledger.Base

// Overlay is the ledger of a dry run: it reads its base, keeps what is added to itself and delivers nothing.
type Overlay struct {
	base Base
	own  *Ledger
}

// Over returns an overlay on base. Closing it leaves base open.
func Over(base Base) *Overlay { return &Overlay{base: base, own: New()} }

// Position returns how far a stream was read, here or else in the base.
func (o *Overlay) Position(ctx context.Context, stream string) (string, error) {
	if value, err := o.own.Position(ctx, stream); err != nil || value != "" {
		return value, err
	}
	return o.base.Position(ctx, stream)
}

// Positions returns the positions that were stored here.
func (o *Overlay) Positions(ctx context.Context, prefix string) (map[string]string, error) {
	return o.own.Positions(ctx, prefix)
}

// Advance stores a position here.
func (o *Overlay) Advance(ctx context.Context, p engine.Position) error { return o.own.Advance(ctx, p) }

// Seen reports whether (rule, key) was claimed, here or in the base.
func (o *Overlay) Seen(ctx context.Context, rule, key string) (bool, error) {
	if seen, err := o.own.Seen(ctx, rule, key); err != nil || seen {
		return seen, err
	}
	return o.base.Seen(ctx, rule, key)
}

// Counted returns when entries with a counter were committed, here or in the base.
func (o *Overlay) Counted(ctx context.Context, counter string, after time.Time) ([]time.Time, error) {
	times, err := o.base.Counted(ctx, counter, after)
	if err != nil {
		return nil, err
	}
	own, err := o.own.Counted(ctx, counter, after)
	return append(times, own...), err
}

// Waiting returns the signals that wait in the overlay, not those of the base.
func (o *Overlay) Waiting(ctx context.Context, rule string, behind int64, n int) ([]engine.Waiting, error) {
	return o.own.Waiting(ctx, rule, behind, n)
}

// Commit stores an entry here, without its deliveries.
func (o *Overlay) Commit(ctx context.Context, e engine.Entry) (fresh bool, err error) {
	if seen, err := o.Seen(ctx, e.Rule, e.Key); err != nil || seen && !e.Waited {
		return false, err
	}
	e.Deliveries = nil
	return o.own.Commit(ctx, e)
}

// Drain delivers nothing and returns when ctx ends.
func (o *Overlay) Drain(ctx context.Context, _ <-chan string, _ engine.Deliver) error {
	<-ctx.Done()
	return nil
}

// DueBy returns nothing: nothing is owed.
func (o *Overlay) DueBy(context.Context, time.Time, int) ([]engine.Debt, error) { return nil, nil }

// Progress returns nothing: nothing is owed.
func (o *Overlay) Progress(context.Context, engine.Delivery) ([]engine.Delivery, error) {
	return nil, nil
}

// Latest returns the version of an address in the base.
func (o *Overlay) Latest(ctx context.Context, address, relay string) (*nostr.Event, error) {
	return o.base.Latest(ctx, address, relay)
}

// Event returns an event that was committed in the base.
func (o *Overlay) Event(ctx context.Context, id string) (*nostr.Event, error) {
	return o.base.Event(ctx, id)
}

// Replace replaces nothing.
func (o *Overlay) Replace(context.Context, engine.Delivery, nostr.Event, engine.Decision) (engine.Replacement, error) {
	return engine.Gone, nil
}

// Record adds a decision to the history of this run.
func (o *Overlay) Record(ctx context.Context, d engine.Decision) error { return o.own.Record(ctx, d) }

// History returns the decisions of this run, newest first.
func (o *Overlay) History(ctx context.Context, q engine.HistoryQuery) ([]engine.Decision, error) {
	return o.own.History(ctx, q)
}

// Close discards everything that was added.
func (o *Overlay) Close() error { return o.own.Close() }
