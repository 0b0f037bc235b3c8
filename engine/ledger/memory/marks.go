package memory

import (
	"context"
	"slices"
	"time"

	"rhea/engine"
)

// Times returns when entries with a mark were committed, after a time.
func (l *Ledger) Times(ctx context.Context, mark string, after time.Time) ([]time.Time, error) {
	s, err := l.enter(ctx)
	if err != nil {
		return nil, err
	}
	defer s.mu.Unlock()
	times := s.marks[mark]
	return slices.Clone(times[firstAfter(times, after):]), nil
}

func (s *Store) addMark(name string, at time.Time) {
	times := s.marks[name]
	s.marks[name] = append(times[firstAfter(times, at.Add(-engine.MarkAge)):], at)
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
