package engine

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
)

// failureKept is how long a signal that failed can be run again.
const failureKept = 30 * 24 * time.Hour

// FailureStream names the position that keeps a signal of a rule that failed; with "" for the key, what all of them
// begin with.
func FailureStream(rule, key string) string { return "failed/" + rule + "/" + key }

// FailurePosition keeps a signal that failed, in the form in which it can be run again.
func FailurePosition(rule, key, form string) Position {
	return Position{Stream: FailureStream(rule, key), Value: form, Keep: failureKept}
}

// Failure is a signal that failed, as people look at it.
type Failure struct {
	Key     string    `json:"key"`
	At      time.Time `json:"at"`
	Outcome Outcome   `json:"outcome"`
	Reason  string    `json:"reason"`
	Title   string    `json:"title,omitempty"`

	signal StoredSignal
}

// ParseFailures reads the positions that keep what failed of a rule, the oldest first.
func ParseFailures(rule string, positions map[string]string) []Failure {
	var all []Failure
	for stream, value := range positions {
		if key, own := strings.CutPrefix(stream, FailureStream(rule, "")); own {
			if f, ok := ParseFailure(key, value); ok {
				all = append(all, f)
			}
		}
	}
	slices.SortFunc(all, func(a, b Failure) int { return cmp.Or(a.At.Compare(b.At), cmp.Compare(a.Key, b.Key)) })
	return all
}

// ParseFailure reads the position that keeps a signal that failed. False means that it holds none.
func ParseFailure(key, value string) (f Failure, ok bool) {
	var s StoredSignal
	if json.Unmarshal([]byte(value), &s) != nil || s.Failed == "" {
		return Failure{}, false
	}
	return Failure{Key: key, At: s.At, Outcome: s.Failed, Reason: s.Why, Title: s.Title, signal: s}, true
}

// Again returns the entry that has a signal that failed run once more: what was kept of it waits from then on.
func (f Failure) Again(rule string, now time.Time) (Entry, error) {
	return f.again(rule, Decision{At: now, Trigger: "operator", Reason: "runs again after " + string(f.Outcome)})
}

// Offer returns the entry that has the signal run once more as if it were new, because its rule has changed.
func (f Failure) Offer(rule string, now time.Time) (Entry, error) {
	f.signal.Offered = now
	return f.again(rule, Decision{
		At: now, Trigger: f.signal.Trigger, Reason: "runs again after " + string(f.Outcome) + ": " + ruleChanged,
	})
}

// Trigger is the kind of trigger that emitted the signal.
func (f Failure) Trigger() string { return f.signal.Trigger }

// Data makes the data of the signal again.
func (f Failure) Data(rule *Rule) (Data, error) {
	kind, ok := rule.TriggerKind(f.signal.Trigger)
	if !ok {
		return nil, fmt.Errorf("the rule has no trigger %s", f.signal.Trigger)
	}
	return kind.ReadData(f.signal.Data)
}

func (f Failure) again(rule string, why Decision) (Entry, error) {
	form, err := json.Marshal(f.signal)
	if err != nil {
		return Entry{}, fmt.Errorf("writing down what runs again: %w", err)
	}
	why.Rule, why.Key, why.Outcome = rule, f.Key, Rerun
	position := FailurePosition(rule, f.Key, "")
	return Entry{
		Rule: rule, Key: f.Key, Again: true, Wait: string(form), Decision: why,
		Position: &position,
	}, nil
}

// Outdated reports whether a signal failed under other conditions or actions than the rule has now, and is of a kind of
// trigger that offers such signals again. What failed once more under these has their fingerprint, so each is offered once.
func (f Failure) Outdated(rule *Rule) bool {
	before := f.signal.Fingerprint
	if f.signal.Event != nil || before == "" || rule.Fingerprint == "" || before == rule.Fingerprint {
		return false
	}
	if !rule.Dedupe.IsZero() && !strings.HasPrefix(f.Key, DedupeMark) {
		return false // The expression failed that says what it is the same as: it may have been said already.
	}
	kind, ok := rule.TriggerKind(f.signal.Trigger)
	return ok && kind.Reruns
}

// TooOld reports whether a signal is too old for the rule to be answered as a new one.
func (f Failure) TooOld(rule *Rule, now time.Time) bool {
	return rule.MaxAge > 0 && now.Sub(f.signal.Time) > rule.MaxAge
}

// TriggerKind returns the kind of one of the rule's triggers.
func (r *Rule) TriggerKind(name string) (TriggerKind, bool) {
	for _, t := range r.Triggers {
		if t.Kind.Name == name {
			return t.Kind, true
		}
	}
	return TriggerKind{}, false
}

var (
	// ErrBusy marks an error that is ours and passes: this machine could not work out a signal for now, because others
	// take too long. The signal has no verdict then. Nothing is claimed or recorded, and its trigger emits it again, later
	// each time.
	ErrBusy = errors.New("busy")
	// ErrAbandoned marks an evaluation that was given up because it took too long. It is a verdict on the signal whose
	// words were evaluated, not on any other.
	ErrAbandoned = errors.New("abandoned")
)
