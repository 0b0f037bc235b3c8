package memory

import (
	"context"
	"slices"
	"time"

	"rhea/engine"
)

// Counted returns when entries with a counter were committed, after a time.
func (l *Ledger) Counted(ctx context.Context, counter string, after time.Time) ([]time.Time, error) {
	s, err := l.enter(ctx)
	if err != nil {
		return nil, err
	}
	defer s.mu.Unlock()
	times := s.counters[counter]
	return slices.Clone(times[firstAfter(times, after):]), nil
}

func (s *Store) addCounter(name string, at time.Time) {
	times := s.counters[name]
	s.counters[name] = append(times[firstAfter(times, at.Add(-engine.CounterAge)):], at)
}

// firstAfter is the index of the first time that is after another.
func firstAfter(times []time.Time, after time.Time) int {
	i, _ := slices.BinarySearchFunc(times, after, func(t, after time.Time) int {
		if t.After(after) {
			return 1
		}
		return -1
	})
	return i
}
