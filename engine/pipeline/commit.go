package pipeline

import (
	"context"
	"fmt"
	"log/slog"
	"slices"
	"time"

	"rhea/engine"
)

// commit stores what became of the signal.
func (p *Pipeline) commit(ctx context.Context, a *attempt) error {
	committed := false
	defer func() { a.reserved(committed) }()
	a.decision = p.opts.Secrets.Decision(a.decision)
	a.decision.About = p.about(a)
	if !a.settled() {
		return p.record(ctx, a)
	}
	entry, err := p.entry(a)
	if err != nil {
		return err
	}
	if !p.opts.Dry {
		p.opts.Tracker.Owe(a.owed)
	}
	counted := p.opts.Gates.Begin(entry.Counters)
	fresh, err := p.opts.Ledger.Commit(ctx, entry)
	committed = err == nil && fresh
	counted(committed)
	if !committed {
		p.opts.Tracker.Forget(a.owed...)
	}
	if err != nil {
		return fmt.Errorf("storing %s: %w", a.decision.Outcome, err)
	}
	if !fresh {
		a.stop(engine.Duplicate, "")
	}
	if !fresh || p.opts.Dry {
		return p.record(ctx, a)
	}
	p.silence.broken(a)
	if a.wait != nil {
		p.opts.Wait(a.Key, a.wait.Counter, a.Author(), a.wait.Free)
	}
	p.report(ctx, a)
	p.opts.Tracker.Told(a.owed)
	return nil
}

// entry is what is stored of the signal.
func (p *Pipeline) entry(a *attempt) (engine.Entry, error) {
	if !p.opts.Dry {
		complete(a.owed)
	}
	left, err := p.failure(a)
	if err != nil {
		return engine.Entry{}, err
	}
	e := engine.Entry{
		Rule: p.opts.Rule.Name, Key: a.Key, Keep: p.keep(a), Waited: a.Queued,
		Position: a.Position, Deliveries: a.owed, Decision: a.decision,
		Drawn: slices.Concat(a.drew(), p.silence.breaks(a), left),
	}
	switch a.decision.Outcome {
	case engine.Fired, engine.DryRun, engine.ActionError:
		e.Counters = a.counters // What was not answered does not count against a limit.
	}
	if a.wait != nil {
		if e.Wait, err = a.written(engine.StoredSignal{}); err != nil {
			return engine.Entry{}, err
		}
	}
	return e, nil
}

// about is what the history tells of the signal. Who wrote it is told by name where somebody has asked for the profile before;
// of what is passed over by the thousand, by key alone.
func (p *Pipeline) about(a *attempt) *engine.Subject {
	about := engine.SubjectOf(&a.Signal, p.opts.Secrets)
	switch a.decision.Outcome {
	case engine.ConditionFalse, engine.TooOld, engine.Duplicate, engine.Self, engine.BadSignature:
		return about
	}
	if about == nil || about.Author == "" || p.opts.Profiles == nil {
		return about
	}
	if profile, ok := p.opts.Profiles.Known(about.Author); ok {
		about.Name = profile.Called(p.opts.Secrets)
	}
	return about
}

// settled reports whether the outcome is remembered under the signal's key. What a feed or a schedule says is
// dealt with whatever the verdict; a stranger's event only once its signature was checked.
func (a *attempt) settled() bool {
	if a.unclaimed {
		return false
	}
	if a.Queued {
		return true // It was checked before it began to wait.
	}
	switch a.decision.Outcome {
	case engine.Duplicate, engine.NoMatch:
		return false
	case engine.Fired, engine.DryRun, engine.ActionError:
		return true // The signature was checked by then.
	case engine.Loop, engine.RateLimited:
		return a.Event == nil || a.Verify == nil || a.Proved
	}
	return a.Event == nil
}

// drew returns the positions that a run which published something, or would have, leaves behind: how far it took its
// cycles, and what it said about its identity.
func (a *attempt) drew() []engine.Position {
	switch a.decision.Outcome {
	case engine.Fired, engine.DryRun:
		return slices.Concat(engine.ScopeOf(a.Data).Cycles(), a.remember)
	}
	return nil
}

// keep is how long a claim must be remembered: events that are too old to be answered anyway may be forgotten.
func (p *Pipeline) keep(a *attempt) time.Duration {
	const month = 30 * 24 * time.Hour
	if a.Keep > 0 && p.opts.Rule.Dedupe.IsZero() {
		return a.Keep
	}
	if a.Event == nil || p.opts.Rule.MaxAge == 0 || !p.opts.Rule.Dedupe.IsZero() {
		return 0
	}
	return max(month, 2*p.opts.Rule.MaxAge)
}

// record adds a decision that no commit has stored to the history.
func (p *Pipeline) record(ctx context.Context, a *attempt) error {
	if p.opts.Journal != nil {
		if err := p.opts.Journal.Record(ctx, a.decision); err != nil {
			return fmt.Errorf("recording %s: %w", a.decision.Outcome, err)
		}
	}
	p.report(ctx, a)
	return nil
}

func (p *Pipeline) report(ctx context.Context, a *attempt) {
	d := a.decision
	if d.Outcome == engine.Duplicate {
		a.events = nil
	}
	if p.opts.Observer != nil {
		p.opts.Observer.Decided(d, a.events)
	}
	level := slog.LevelDebug
	switch d.Outcome {
	case engine.Fired, engine.DryRun, engine.RateLimited, engine.Loop:
		if !a.held && !a.crowded && !a.unclaimed { // That was said when it began.
			level = slog.LevelInfo
		}
	case engine.TooOld:
		if a.Backlog { // This is why a rule says nothing at its first start.
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
	if d.About != nil && d.About.Name != "" {
		attrs = append(attrs, "author", d.About.Name)
	}
	tell := func(more int) {
		if more > 0 {
			attrs = append(attrs, "more", more) // The last of so many more within a minute.
		}
		p.opts.Log.Log(ctx, level, string(d.Outcome), attrs...)
	}
	if level == slog.LevelWarn && a.Event != nil || a.Backlog {
		p.repeats.say(string(d.Outcome)+" "+d.Relay, tell) // A relay may send any number of these.
		return
	}
	tell(0)
}

// failure is what is to be stored of a signal that failed.
func (p *Pipeline) failure(a *attempt) ([]engine.Position, error) {
	switch {
	case p.opts.Dry, a.decision.Trigger == "", !a.mayBeOurs():
		return nil, nil
	case a.Event != nil && !p.failures.room(a.Now):
		return nil, nil
	}
	form, err := a.written(engine.StoredSignal{
		Failed: a.decision.Outcome, Why: a.decision.Reason, Fingerprint: p.opts.Rule.Fingerprint,
	})
	if err != nil || len(form) > maxFailure {
		return nil, err
	}
	return []engine.Position{engine.FailurePosition(p.opts.Rule.Name, a.Key, form)}, nil
}
