package memory

import (
	"context"
	"slices"

	"rhea/engine"
)

// waiting holds the signals that wait, in the order of their commits.
type waiting struct {
	all  []engine.Waiting
	last int64
}

func (w *waiting) add(e engine.Entry) {
	w.last++
	w.all = append(w.all, engine.Waiting{Number: w.last, Rule: e.Rule, Key: e.Key, Signal: e.Wait})
}

// end removes what waits under a claim and reports whether it did.
func (w *waiting) end(rule, key string) bool {
	before := len(w.all)
	w.all = slices.DeleteFunc(w.all, func(x engine.Waiting) bool { return x.Rule == rule && x.Key == key })
	return len(w.all) < before
}

// Waiting returns the signals that wait for a rule.
func (l *Ledger) Waiting(ctx context.Context, rule string, behind int64, n int) (found []engine.Waiting, err error) {
	s, err := l.enter(ctx)
	if err != nil {
		return nil, err
	}
	defer s.mu.Unlock()
	for _, w := range s.waiting.all {
		if w.Rule == rule && w.Number > behind && len(found) < n {
			found = append(found, w)
		}
	}
	return found, nil
}
