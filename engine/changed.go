package engine

import (
	"context"
	"fmt"
	"strings"
	"time"
)

// ruleChanged is why a signal that failed runs again without an order.
const ruleChanged = "the rule has changed since"

// Outdated reports whether a signal failed under other conditions or actions than the rule has now, and is of a kind of
// trigger that offers such signals again. What failed once more under these has their fingerprint, so each is offered once.
func (f Failure) Outdated(rule *Rule) bool {
	before := f.signal.Fingerprint
	if f.signal.Event != nil || before == "" || rule.Fingerprint == "" || before == rule.Fingerprint {
		return false
	}
	if !rule.Dedupe.IsZero() && !strings.HasPrefix(f.Key, dedupeMark) {
		return false // The expression failed that says what it is the same as: it may have been said already.
	}
	kind, ok := rule.kind(f.signal.Trigger)
	return ok && kind.Reruns
}

// TooOld reports whether a signal is too old for the rule to be answered as a new one.
func (f Failure) TooOld(rule *Rule, now time.Time) bool {
	return rule.MaxAge > 0 && now.Sub(f.signal.Time) > rule.MaxAge
}

// kind returns the kind of one of the rule's triggers.
func (r *Rule) kind(name string) (TriggerKind, bool) {
	for _, t := range r.Triggers {
		if t.Kind.Name == name {
			return t.Kind, true
		}
	}
	return TriggerKind{}, false
}

// Failed implements [Intake].
func (i *intake) Failed(ctx context.Context, each func(key string, d Data)) error {
	if i.dry {
		return nil
	}
	kept, err := i.ledger.Positions(ctx, FailureStream(i.rule.Name, ""))
	if err != nil {
		return fmt.Errorf("looking up what failed: %w", err)
	}
	for _, f := range ParseFailures(i.rule.Name, kept) {
		if f.signal.Trigger != i.trigger || !f.Outdated(i.rule) {
			continue
		}
		kind, _ := i.rule.kind(i.trigger)
		data, err := kind.read(f.signal.Data)
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
	stream := FailureStream(i.rule.Name, key)
	value, err := i.ledger.Position(ctx, stream)
	if err != nil {
		return fmt.Errorf("looking up what failed: %w", err)
	}
	f, kept := ParseFailure(key, value)
	if !kept || !f.Outdated(i.rule) {
		return nil
	}
	now := i.engine.Clock.Now()
	f.signal.Offered = now
	entry, err := f.again(i.rule.Name, Decision{
		At: now, Trigger: i.trigger, Reason: "runs again after " + string(f.Outcome) + ": " + ruleChanged,
	})
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
