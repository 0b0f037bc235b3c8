package memory

import (
	"context"
	"slices"
	"time"

	"rhea/engine"
)

// expireEvery is how often signals that have waited for too long are removed.
const expireEvery = time.Hour

// waiting holds the signals that wait, in the order of their commits.
type waiting struct {
	all     []engine.Waiting
	last    int64
	expired time.Time
}

func (w *waiting) add(e engine.Entry) {
	w.last++
	w.all = append(w.all, engine.Waiting{Number: w.last, Rule: e.Rule, Key: e.Key, Signal: e.Wait})
}

// end removes the signal that waits under a claim and reports whether there was one.
func (w *waiting) end(rule, key string) bool {
	before := len(w.all)
	w.all = slices.DeleteFunc(w.all, func(x engine.Waiting) bool { return x.Rule == rule && x.Key == key })
	return len(w.all) < before
}

// under reports whether a signal waits under a claim.
func (w *waiting) under(rule, key string) bool {
	return slices.ContainsFunc(w.all, func(x engine.Waiting) bool { return x.Rule == rule && x.Key == key })
}

// expireWaiting removes the signals that have waited for too long. The caller holds the lock.
func (s *Store) expireWaiting(now time.Time) {
	w := &s.waiting
	if len(w.all) == 0 || now.Sub(w.expired) < expireEvery {
		return
	}
	w.expired = now
	w.all = slices.DeleteFunc(w.all, func(x engine.Waiting) bool {
		d, overdue := x.Overdue(now)
		if overdue {
			s.history.add(d)
		}
		return overdue
	})
}

// Waiting returns the signals that wait for a rule, or for any.
func (l *Ledger) Waiting(ctx context.Context, rule string, behind int64, n int) (found []engine.Waiting, err error) {
	s, err := l.enter(ctx)
	if err != nil {
		return nil, err
	}
	defer s.mu.Unlock()
	s.expireWaiting(s.now())
	for _, w := range s.waiting.all {
		if (rule == "" || w.Rule == rule) && w.Number > behind && len(found) < n {
			found = append(found, w)
		}
	}
	return found, nil
}
