package enginetest

import (
	"context"
	"fmt"
	"slices"
	"sync"

	"rhea/engine"
)

// Intake is an [engine.Intake] that remembers what triggers hand in, as a rule without gates and actions would.
// The zero value is ready to use.
type Intake struct {
	// Refuse, when set, may turn a signal down; it then counts as not stored.
	Refuse func(engine.Signal) error
	// Outdated is what failed before the rule was changed, the oldest first.
	Outdated []engine.Signal

	mu        sync.Mutex
	positions map[string]string
	claims    map[string]bool
	signals   []engine.Signal
	backlog   []engine.Signal
	reports   []string
	reran     []string
}

var _ engine.Intake = (*Intake)(nil)

// Position implements [engine.Intake].
func (in *Intake) Position(ctx context.Context, stream string) (string, error) {
	in.mu.Lock()
	defer in.mu.Unlock()
	return in.positions[stream], ctx.Err()
}

// Advance implements [engine.Intake].
func (in *Intake) Advance(ctx context.Context, p engine.Position) error {
	in.mu.Lock()
	defer in.mu.Unlock()
	if err := ctx.Err(); err != nil {
		return err
	}
	in.advance(p)
	return nil
}

func (in *Intake) advance(p engine.Position) {
	if in.positions == nil {
		in.positions = make(map[string]string)
	}
	in.positions[p.Stream] = p.Value
}

// Seen implements [engine.Intake].
func (in *Intake) Seen(ctx context.Context, key string) (bool, error) {
	in.mu.Lock()
	defer in.mu.Unlock()
	return in.claims[key], ctx.Err()
}

// Emit implements [engine.Intake]. It runs Prepare and stores claim and position together.
func (in *Intake) Emit(ctx context.Context, s engine.Signal) error {
	if in.Refuse != nil {
		if err := in.Refuse(s); err != nil {
			return err
		}
	}
	if s.Prepare != nil && !s.Backlog {
		s.Prepare(ctx)
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	in.mu.Lock()
	defer in.mu.Unlock()
	if s.Mismatch != "" {
		in.reports = append(in.reports, fmt.Sprintf("%s %s: %s", engine.NoMatch, s.Key, s.Mismatch))
		return nil
	}
	if in.claims[s.Key] {
		return nil
	}
	if in.claims == nil {
		in.claims = make(map[string]bool)
	}
	in.claims[s.Key] = true
	if s.Position != nil {
		in.advance(*s.Position)
	}
	if s.Backlog {
		in.backlog = append(in.backlog, s)
	} else {
		in.signals = append(in.signals, s)
	}
	return nil
}

// Signals returns what was handed in to be acted on, in order, each key once.
func (in *Intake) Signals() []engine.Signal {
	in.mu.Lock()
	defer in.mu.Unlock()
	return slices.Clone(in.signals)
}

// Backlog returns what was handed in only to be remembered, in order, each key once.
func (in *Intake) Backlog() []engine.Signal {
	in.mu.Lock()
	defer in.mu.Unlock()
	return slices.Clone(in.backlog)
}

// Report implements [engine.Intake].
func (in *Intake) Report(ctx context.Context, outcome engine.Outcome, key, reason string) error {
	in.mu.Lock()
	defer in.mu.Unlock()
	in.reports = append(in.reports, fmt.Sprintf("%s %s: %s", outcome, key, reason))
	return ctx.Err()
}

// Reports returns what was told to the history, as "outcome key: reason".
func (in *Intake) Reports() []string {
	in.mu.Lock()
	defer in.mu.Unlock()
	return slices.Clone(in.reports)
}

// Failed implements [engine.Intake].
func (in *Intake) Failed(ctx context.Context, each func(key string, d engine.Data)) error {
	in.mu.Lock()
	defer in.mu.Unlock()
	for _, s := range in.Outdated {
		if !slices.Contains(in.reran, s.Key) {
			each(s.Key, s.Data)
		}
	}
	return ctx.Err()
}

// Rerun implements [engine.Intake].
func (in *Intake) Rerun(ctx context.Context, key string) error {
	in.mu.Lock()
	defer in.mu.Unlock()
	if err := ctx.Err(); err != nil {
		return err
	}
	in.reran = append(in.reran, key)
	return nil
}

// Reran returns the keys of what was to run again, in order.
func (in *Intake) Reran() []string {
	in.mu.Lock()
	defer in.mu.Unlock()
	return slices.Clone(in.reran)
}
