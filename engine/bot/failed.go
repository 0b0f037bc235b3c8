package bot

import (
	"sync"
	"time"

	"rhea/engine"
)

// Reran has the line of a rule look at what is to run again.
func (e *Bot) Reran(rule string) {
	for _, r := range e.runners {
		if r.rule.Name == rule {
			r.line.ring(e.Clock.Now())
		}
	}
}

const (
	// maxFailure is how large a signal may be that is kept because it failed, in bytes.
	maxFailure = 128 << 10
	// maxFailures is how many signals that strangers sent are kept in an hour.
	maxFailures = 100
)

// failures counts what strangers made fail.
type failures struct {
	mu    sync.Mutex
	begun time.Time
	n     int
}

// room reports whether one more is kept.
func (f *failures) room(now time.Time) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	if now.Sub(f.begun) >= time.Hour || now.Before(f.begun) {
		f.begun, f.n = now, 0
	}
	f.n++
	return f.n <= maxFailures
}

// failed reports whether the signal ended in a way that may be our fault, or runs again after that and was turned away
// before its conditions could be asked.
func (t *trial) failed() bool {
	switch t.decision.Outcome {
	case engine.ActionError, engine.ConditionError:
		return true
	case engine.RateLimited:
		return t.again
	case engine.TooOld:
		return !t.offered.IsZero()
	}
	return false
}

// failure is what is to be stored of a signal that failed.
func (r *runner) failure(t *trial) ([]engine.Position, error) {
	switch {
	case r.dry, t.decision.Trigger == "", !t.failed():
		return nil, nil
	case t.Event != nil && !r.failures.room(t.now):
		return nil, nil
	}
	form, err := t.written(engine.StoredSignal{
		Failed: t.decision.Outcome, Why: t.decision.Reason, Fingerprint: r.rule.Fingerprint,
	})
	if err != nil || len(form) > maxFailure {
		return nil, err
	}
	return []engine.Position{engine.FailurePosition(r.rule.Name, t.Key, form)}, nil
}
