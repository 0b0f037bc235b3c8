package bot

import (
	"context"
	"time"

	"rhea/engine"
)

// intake is where one trigger of a rule hands in its signals.
type intake struct {
	*runner
	trigger string
}

var _ engine.Intake = (*intake)(nil)

// Position implements [Intake].
func (i *intake) Position(ctx context.Context, stream string) (string, error) {
	return i.ledger.Position(ctx, stream)
}

// Advance implements [Intake].
func (i *intake) Advance(ctx context.Context, p engine.Position) error {
	return i.ledger.Advance(ctx, p)
}

// Seen implements [Intake].
func (i *intake) Seen(ctx context.Context, key string) (bool, error) {
	if !i.rule.Dedupe.IsZero() {
		return false, nil // The claim is under another key, known only with the data.
	}
	return i.ledger.Seen(ctx, i.rule.Name, key)
}

// Emit implements [Intake].
func (i *intake) Emit(ctx context.Context, s engine.Signal) error { return i.emit(ctx, i.trigger, s) }

// Report implements [Intake].
func (i *intake) Report(ctx context.Context, outcome engine.Outcome, key, reason string) error {
	if i.engine.Journal == nil || i.dry {
		return nil
	}
	return i.engine.Journal.Record(ctx, i.engine.secrets.Decision(engine.Decision{
		At: time.Now(), Rule: i.rule.Name, Trigger: i.trigger, Key: key, Outcome: outcome, Reason: reason,
	}))
}
