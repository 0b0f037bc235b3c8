package bot

import (
	"context"
	"fmt"

	"rhea/engine"
)

// intake is where one trigger of a rule hands in its signals.
type intake struct {
	bot     *Bot
	rule    *rule
	trigger string
}

var _ engine.Intake = (*intake)(nil)

// Position implements [Intake].
func (i *intake) Position(ctx context.Context, stream string) (string, error) {
	return i.rule.ledger.Position(ctx, stream)
}

// Advance implements [Intake].
func (i *intake) Advance(ctx context.Context, p engine.Position) error {
	return i.rule.ledger.Advance(ctx, p)
}

// Seen implements [Intake].
func (i *intake) Seen(ctx context.Context, key string) (bool, error) {
	if !i.rule.config.Dedupe.IsZero() {
		return false, nil // The claim is under another key, known only with the data.
	}
	return i.rule.ledger.Seen(ctx, i.rule.config.Name, key)
}

// Emit implements [Intake].
func (i *intake) Emit(ctx context.Context, s engine.Signal) error {
	return i.rule.pipeline.Emit(ctx, i.trigger, s)
}

// Report implements [Intake].
func (i *intake) Report(ctx context.Context, outcome engine.Outcome, key, reason string) error {
	journal := i.bot.journal()
	if journal == nil || i.rule.dry {
		return nil
	}
	return journal.Record(ctx, i.bot.secrets.Decision(engine.Decision{
		At: i.bot.opts.Clock.Now(), Rule: i.rule.config.Name, Trigger: i.trigger, Key: key, Outcome: outcome, Reason: reason,
	}))
}

// Failed implements [Intake].
func (i *intake) Failed(ctx context.Context, each func(key string, d engine.Data)) error {
	if i.rule.dry {
		return nil
	}
	kept, err := i.rule.ledger.Positions(ctx, engine.FailureStream(i.rule.config.Name, ""))
	if err != nil {
		return fmt.Errorf("looking up what failed: %w", err)
	}
	for _, f := range engine.ParseFailures(i.rule.config.Name, kept) {
		if f.Trigger() != i.trigger || !f.Outdated(i.rule.config) {
			continue
		}
		data, err := f.Data(i.rule.config)
		if err != nil {
			i.rule.log.Warn("what failed cannot be run again", "signal", f.Key, "error", err)
			continue
		}
		each(f.Key, data)
	}
	return nil
}

// Rerun implements [Intake].
func (i *intake) Rerun(ctx context.Context, key string) error {
	stream := engine.FailureStream(i.rule.config.Name, key)
	value, err := i.rule.ledger.Position(ctx, stream)
	if err != nil {
		return fmt.Errorf("looking up what failed: %w", err)
	}
	f, kept := engine.ParseFailure(key, value)
	if !kept || !f.Outdated(i.rule.config) {
		return nil
	}
	now := i.bot.opts.Clock.Now()
	entry, err := f.Offer(i.rule.config.Name, now)
	if err != nil {
		return err
	}
	fresh, err := i.rule.ledger.Commit(ctx, entry)
	if err != nil {
		return fmt.Errorf("storing that it runs again: %w", err)
	}
	if fresh {
		i.rule.queue.LookBy(now)
	}
	return nil
}
