package engine

import (
	"encoding/json"
	"sync"
	"time"
)

// What failed is kept in the form in which it can be run again.
const (
	failureKept = 30 * 24 * time.Hour
	maxFailure  = 128 << 10
	// maxFailures is how many signals that strangers sent are kept in an hour.
	maxFailures = 100
)

// FailureStream names the position that keeps a signal of a rule that failed; with "" for the key, what all of them
// begin with.
func FailureStream(rule, key string) string { return "failed/" + rule + "/" + key }

// Failure is a signal that failed, as people look at it.
type Failure struct {
	Key     string    `json:"key"`
	At      time.Time `json:"at"`
	Outcome Outcome   `json:"outcome"`
	Reason  string    `json:"reason"`
	Title   string    `json:"title,omitempty"`
}

// ParseFailure reads the position that keeps a signal that failed. False means that it holds none.
func ParseFailure(key, value string) (f Failure, ok bool) {
	var s waitingSignal
	if json.Unmarshal([]byte(value), &s) != nil || s.Failed == "" {
		return Failure{}, false
	}
	return Failure{Key: key, At: s.At, Outcome: s.Failed, Reason: s.Why, Title: s.Title}, true
}

// Again returns the entry that has a signal that failed run once more: what was kept of it waits from then on.
func (f Failure) Again(rule, value string, now time.Time) Entry {
	return Entry{
		Rule: rule, Key: f.Key, Again: true, Wait: value, Position: &Position{Stream: FailureStream(rule, f.Key)},
		Decision: Decision{
			At: now, Rule: rule, Trigger: "operator", Key: f.Key, Outcome: Rerun, Reason: "runs again after " + string(f.Outcome),
		},
	}
}

// Reran has the line of a rule look at what is to run again.
func (e *Engine) Reran(rule string) {
	for _, r := range e.runners {
		if r.rule.Name == rule {
			r.line.ring(e.Clock.Now())
		}
	}
}

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

// failure is what is to be stored of a signal that failed.
func (r *runner) failure(t *trial) ([]Position, error) {
	o := t.decision.Outcome
	switch {
	case r.dry, t.decision.Trigger == "", o != ActionError && o != ConditionError && (!t.again || o != RateLimited):
		return nil, nil
	case t.Event != nil && !r.failures.room(t.now):
		return nil, nil
	}
	form, err := t.written(o, t.decision.Reason)
	if err != nil || len(form) > maxFailure {
		return nil, err
	}
	return []Position{{Stream: FailureStream(r.rule.Name, t.Key), Value: form, Keep: failureKept}}, nil
}
