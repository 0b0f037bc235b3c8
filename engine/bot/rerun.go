package bot

import (
	"context"
	"fmt"

	"rhea/engine"
)

// Failed implements [Intake].
func (i *intake) Failed(ctx context.Context, each func(key string, d engine.Data)) error {
	if i.dry {
		return nil
	}
	kept, err := i.ledger.Positions(ctx, engine.FailureStream(i.rule.Name, ""))
	if err != nil {
		return fmt.Errorf("looking up what failed: %w", err)
	}
	for _, f := range engine.ParseFailures(i.rule.Name, kept) {
		if f.Trigger() != i.trigger || !f.Outdated(i.rule) {
			continue
		}
		data, err := f.Data(i.rule)
		if err != nil {
			i.log.Warn("what failed cannot be run again", "signal", f.Key, "error", err)
			continue
		}
		each(f.Key, data)
	}
	return nil
}

// Rerun implements [Intake].
func (i *intake) Rerun(ctx context.Context, key string) error {
	stream := engine.FailureStream(i.rule.Name, key)
	value, err := i.ledger.Position(ctx, stream)
	if err != nil {
		return fmt.Errorf("looking up what failed: %w", err)
	}
	f, kept := engine.ParseFailure(key, value)
	if !kept || !f.Outdated(i.rule) {
		return nil
	}
	now := i.engine.Clock.Now()
	entry, err := f.Offer(i.rule.Name, now)
	if err != nil {
		return err
	}
	fresh, err := i.ledger.Commit(ctx, entry)
	if err != nil {
		return fmt.Errorf("storing that it runs again: %w", err)
	}
	if fresh {
		i.line.ring(now)
	}
	return nil
}
