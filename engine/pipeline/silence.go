package pipeline

import (
	"context"
	"sync"
	"time"

	"rhea/engine"
)

// silence is how long a rule that is expected to fire every so often has not. It is stored, so that a restart does not
// begin to count anew.
type silence struct {
	rule  string
	every time.Duration

	mu sync.Mutex
	// since is when the rule last fired or first ran; zero until that is known.
	since time.Time
}

// newSilence returns nil for a rule of which nothing is expected. A dry run never fires.
func newSilence(rule *engine.Rule, dry bool) *silence {
	if rule.ExpectEvery <= 0 || dry {
		return nil
	}
	return &silence{rule: rule.Name, every: rule.ExpectEvery}
}

func (s *silence) position(at time.Time) engine.Position {
	return engine.Position{Stream: "expect/" + s.rule, Value: at.UTC().Format(time.RFC3339)}
}

// load reads since when the rule is silent, and begins to count when it never ran.
func (s *silence) load(ctx context.Context, l engine.Ledger, now time.Time) error {
	if s == nil {
		return nil
	}
	s.set(now)
	value, err := l.Position(ctx, s.position(now).Stream)
	if err != nil {
		return err
	}
	// What lies ahead was noted by a clock that was.
	if since, err := time.Parse(time.RFC3339, value); err == nil && !since.After(now) {
		s.set(since)
		return nil
	}
	return l.Advance(ctx, s.position(now))
}

// breaks returns what is to be stored with a signal that ends the silence.
func (s *silence) breaks(a *attempt) []engine.Position {
	if s == nil || a.decision.Outcome != engine.Fired {
		return nil
	}
	return []engine.Position{s.position(a.Now)}
}

// broken notes that the signal was stored.
func (s *silence) broken(a *attempt) {
	if s != nil && a.decision.Outcome == engine.Fired {
		s.set(a.Now)
	}
}

func (s *silence) set(since time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.since = since
}

// tooLong returns since when the rule is silent, and whether that is longer than expected.
func (s *silence) tooLong(now time.Time) (since time.Time, tooLong bool) {
	if s == nil {
		return time.Time{}, false
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.since, !s.since.IsZero() && now.Sub(s.since) > s.every
}
