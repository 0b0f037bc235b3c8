package memory

import (
	"context"
	"time"

	"rhea/engine"
)

// Seen reports whether (rule, key) was claimed.
func (l *Ledger) Seen(ctx context.Context, rule, key string) (bool, error) {
	s, err := l.enter(ctx)
	if err != nil {
		return false, err
	}
	defer s.mu.Unlock()
	return s.claims.isClaimed(claim{rule, key}, s.now()), nil
}

// Commit claims and stores an entry.
func (l *Ledger) Commit(ctx context.Context, e engine.Entry) (fresh bool, err error) {
	s, err := l.enter(ctx)
	if err != nil {
		return false, err
	}
	defer s.mu.Unlock()
	now := s.now()
	s.expireWaiting(now)
	if !s.claim(e, now) {
		return false, nil
	}
	if e.Wait != "" {
		s.waiting.add(e)
	}
	if e.Position != nil {
		s.positions.set(*e.Position, now)
	}
	for _, p := range e.Drawn {
		s.positions.set(p, now)
	}
	for _, m := range e.Counters {
		s.addCounter(m, now)
	}
	s.history.add(e.Decision)
	s.drainer.Owe(s.queue.add(e.Deliveries, now)...)
	return true, nil
}

// claim takes the claim of an entry. The caller holds the lock.
func (s *Store) claim(e engine.Entry, now time.Time) (fresh bool) {
	switch {
	case e.Waited:
		return s.waiting.end(e.Rule, e.Key)
	case e.Again:
		return s.claims.isClaimed(claim{e.Rule, e.Key}, now) && !s.waiting.under(e.Rule, e.Key) &&
			s.positions.kept[e.Position.Stream].value != ""
	}
	return s.claims.add(claim{e.Rule, e.Key}, e.Keep, now)
}
