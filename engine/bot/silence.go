package bot

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

// Silence tells of a rule that has not fired for longer than [Rule.ExpectEvery].
type Silence struct {
	Rule string
	// Since is when the rule last fired or first ran, Every how often it should fire.
	Since time.Time
	Every time.Duration
}

// Silent returns the rules that have not fired for longer than they are expected to.
func (e *Bot) Silent() []Silence {
	now := e.Clock.Now()
	var silent []Silence
	for _, r := range e.runners {
		if s, ok := r.silence.tooLong(now); ok {
			silent = append(silent, s)
		}
	}
	return silent
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
func (s *silence) breaks(t *trial) []engine.Position {
	if s == nil || t.decision.Outcome != engine.Fired {
		return nil
	}
	return []engine.Position{s.position(t.now)}
}

// broken notes that the signal was stored.
func (s *silence) broken(t *trial) {
	if s != nil && t.decision.Outcome == engine.Fired {
		s.set(t.now)
	}
}

func (s *silence) set(since time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.since = since
}

func (s *silence) tooLong(now time.Time) (Silence, bool) {
	if s == nil {
		return Silence{}, false
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	return Silence{s.rule, s.since, s.every}, !s.since.IsZero() && now.Sub(s.since) > s.every
}
