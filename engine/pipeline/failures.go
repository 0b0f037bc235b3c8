package pipeline

import (
	"sync"
	"time"

	"rhea/engine"
)

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

// mayBeOurs reports whether the signal ended in a way that may be our fault, or runs again after that and was turned away
// before its conditions could be asked.
func (a *attempt) mayBeOurs() bool {
	switch a.decision.Outcome {
	case engine.ActionError, engine.ConditionError:
		return true
	case engine.RateLimited:
		return a.Again
	case engine.TooOld:
		return !a.Offered.IsZero()
	}
	return false
}
