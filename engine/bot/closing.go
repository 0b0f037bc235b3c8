package bot

import (
	"context"
	"fmt"
	"log/slog"
	"slices"
	"time"

	"rhea/engine"
)

// close stores what became of the signal.
func (r *runner) close(ctx context.Context, t *trial) error {
	defer func() {
		if t.turn && t.decision.Outcome != engine.Fired {
			r.crowd.giveBack()
		}
	}()
	counted := func(bool) {}
	if o := t.decision.Outcome; (o == engine.Fired || o == engine.DryRun) && len(t.events) > 0 {
		var err error
		if counted, err = r.engine.floods.reserve(ctx, r, t); err != nil {
			return err
		}
		if t.waited && t.held {
			return nil // It waits on.
		}
	}
	t.decision = r.engine.secrets.Decision(t.decision)
	if !t.settled() {
		return r.record(ctx, t)
	}
	left, err := r.failure(t)
	if err != nil {
		return err
	}
	if !r.dry {
		complete(t.owed)
		r.engine.sender.Owe(t.owed)
	}
	fresh, err := r.ledger.Commit(ctx, engine.Entry{
		Rule: r.rule.Name, Key: t.Key, Keep: r.keep(t),
		Position: t.Position, Deliveries: t.owed, Decision: t.decision, Marks: t.counted(),
		Drawn: slices.Concat(t.drew(), r.silence.breaks(t), left),
		Wait:  t.wait, Waited: t.waited,
	})
	counted(err == nil && fresh)
	if err != nil || !fresh {
		r.engine.sender.Forget(t.owed...)
	}
	if err != nil {
		return fmt.Errorf("storing %s: %w", t.decision.Outcome, err)
	}
	if !fresh {
		t.stop(engine.Duplicate, "")
	}
	if !fresh || r.dry {
		return r.record(ctx, t)
	}
	r.silence.broken(t)
	if t.wait != "" {
		r.line.places.put(t.Key, t.blocked, t)
		if t.free.IsZero() {
			t.free = t.now.Add(behindOthers)
		}
		r.line.ring(t.free)
	}
	r.report(ctx, t)
	return nil
}

// keep is how long a claim must be remembered: events that are too old to be answered anyway may be forgotten.
func (r *runner) keep(t *trial) time.Duration {
	const month = 30 * 24 * time.Hour
	if t.Keep > 0 && r.rule.Dedupe.IsZero() {
		return t.Keep
	}
	if t.Event == nil || r.rule.MaxAge == 0 || !r.rule.Dedupe.IsZero() {
		return 0
	}
	return max(month, 2*r.rule.MaxAge)
}

// record adds a decision that no commit has stored to the history.
func (r *runner) record(ctx context.Context, t *trial) error {
	if r.engine.Journal != nil && !r.engine.DryRun {
		if err := r.engine.Journal.Record(ctx, t.decision); err != nil {
			return fmt.Errorf("recording %s: %w", t.decision.Outcome, err)
		}
	}
	r.report(ctx, t)
	return nil
}

func (r *runner) report(ctx context.Context, t *trial) {
	d := t.decision
	if d.Outcome == engine.Duplicate {
		t.events = nil
	}
	if r.engine.Observer != nil {
		r.engine.Observer.Decided(d, t.events)
	}
	level := slog.LevelDebug
	switch d.Outcome {
	case engine.Fired, engine.DryRun, engine.RateLimited, engine.Loop:
		if !t.held && !t.crowded && !t.silent { // That was said when it began.
			level = slog.LevelInfo
		}
	case engine.TooOld:
		if t.Backlog { // This is why a rule says nothing at its first start.
			level = slog.LevelInfo
		}
	case engine.ConditionError, engine.ActionError, engine.BadSignature:
		level = slog.LevelWarn
	}
	attrs := []any{"signal", d.Key}
	if d.Reason != "" {
		attrs = append(attrs, "reason", d.Reason)
	}
	if d.Relay != "" {
		attrs = append(attrs, "relay", d.Relay)
	}
	if len(d.Published) > 0 {
		attrs = append(attrs, "events", d.Published)
	}
	tell := func(more int) {
		if more > 0 {
			attrs = append(attrs, "more", more) // The last of so many more within a minute.
		}
		r.log.Log(ctx, level, string(d.Outcome), attrs...)
	}
	if level == slog.LevelWarn && t.Event != nil || t.Backlog {
		r.repeats.say(string(d.Outcome)+" "+d.Relay, tell) // A relay may send any number of these.
		return
	}
	tell(0)
}
