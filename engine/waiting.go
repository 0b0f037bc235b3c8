package engine

import (
	"encoding/json"
	"fmt"
	"time"

	"github.com/nbd-wtf/go-nostr"
)

// MaxWait is how long a signal waits for a limit at most. Ledgers end what waits longer, also for rules that are gone.
const MaxWait = 30 * 24 * time.Hour

// WaitingInfo is what people want to know of a signal that waits. What is not known is left out.
type WaitingInfo struct {
	// Trigger is the kind of trigger that emitted it, and Relay what delivered its event.
	Trigger, Relay string
	// Since is when it began to wait.
	Since time.Time
	// Author is the public key of who caused it, "" for feeds and schedules.
	Author string
	// Words are the first of what its event or item says, without secret keys.
	Words string
}

// Info reads the signal.
func (w Waiting) Info() WaitingInfo {
	var s StoredSignal
	if json.Unmarshal([]byte(w.Signal), &s) != nil {
		return WaitingInfo{}
	}
	info := WaitingInfo{Trigger: s.Trigger, Relay: s.Relay, Since: s.At}
	words := s.Title
	if s.Event != nil {
		info.Author, words = s.Event.PubKey, s.Event.Content
	}
	info.Words = firstOf(words, maxWords, nil)
	return info
}

// End is the entry that ends the wait without an answer.
func (w Waiting) End(at time.Time, why string) Entry {
	info := w.Info()
	if !info.Since.IsZero() {
		why += "; waited since " + info.Since.UTC().Format(time.RFC3339)
	}
	d := Decision{At: at, Rule: w.Rule, Trigger: info.Trigger, Key: w.Key, Outcome: RateLimited, Reason: why, Relay: info.Relay}
	if about := (Subject{Author: info.Author, Words: info.Words}); about != (Subject{}) {
		d.About = &about
	}
	return Entry{Rule: w.Rule, Key: w.Key, Waited: true, Decision: d}
}

// Overdue returns the decision that ends the wait when it has been longer than [MaxWait].
func (w Waiting) Overdue(now time.Time) (d Decision, overdue bool) {
	since := w.Info().Since
	if since.IsZero() || now.Sub(since) <= MaxWait {
		return Decision{}, false
	}
	return w.End(now, fmt.Sprintf("dropped after more than %d days", MaxWait/(24*time.Hour))).Decision, true
}

// StoredSignal is the form in which a signal waits: what its trigger makes the same signal of again ([Sample]), and
// what the limits ask about.
type StoredSignal struct {
	Trigger string `json:"trigger"`
	// At is when it began to wait.
	At     time.Time       `json:"at"`
	Time   time.Time       `json:"time"`
	Event  *nostr.Event    `json:"event,omitempty"`
	Relay  string          `json:"relay,omitempty"`
	Thread string          `json:"thread,omitempty"`
	Group  string          `json:"group,omitempty"`
	Path   string          `json:"path,omitempty"`
	Title  string          `json:"title,omitempty"`
	Data   json.RawMessage `json:"data,omitempty"`
	// Failed is what it ended with, of one that runs again, Why the reason, and Fingerprint that of the rule then.
	Failed      Outcome `json:"failed,omitempty"`
	Why         string  `json:"why,omitempty"`
	Fingerprint string  `json:"fingerprint,omitempty"`
	// Offered is when it was offered again because the rule had changed; zero when it was not.
	Offered time.Time `json:"offered,omitzero"`
}

// ruleChanged is why a signal that failed runs again without an order.
const ruleChanged = "the rule has changed since"

// Note says why a signal that failed runs again.
func (s StoredSignal) Note() string {
	why := fmt.Sprintf("run again after %s at %s", s.Failed, s.At.UTC().Format(time.RFC3339))
	if !s.Offered.IsZero() {
		why += ": " + ruleChanged
	}
	return why
}
