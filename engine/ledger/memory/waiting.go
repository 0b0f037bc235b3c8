package memory

import (
	"slices"
	"time"

	"rhea/engine"
)

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
