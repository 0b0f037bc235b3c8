package cmd

import (
	"context"
	"maps"
	"slices"
	"strings"
	"time"

	"rhea/engine"
	"rhea/engine/ledger/sqlite"
)

// Rerun implements [controls]. What was kept of a signal that failed waits again, under the claim that it has, and is
// kept no longer: so it runs once for each order, whatever crashes in between.
func (d *desk) Rerun(ctx context.Context, o rerunOrder) (rerunAnswer, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	answer := rerunAnswer{Rule: o.Rule, Items: []engine.Failure{}}
	kept, err := failuresOf(ctx, d.ledger.Reader, o.Rule)
	if err != nil {
		return answer, err
	}
	now := time.Now()
	for _, f := range kept {
		if !slices.Contains(o.Keys, f.Key) {
			continue
		}
		fresh, err := d.ledger.Commit(ctx, f.Again(o.Rule, f.form, now))
		if err != nil {
			return answer, err
		}
		if fresh {
			answer.Items = append(answer.Items, f.Failure)
		}
	}
	if d.reran != nil && len(answer.Items) > 0 {
		d.reran(o.Rule)
	}
	return answer, nil
}

// keptFailure is a signal that failed, with the form in which it is kept.
type keptFailure struct {
	engine.Failure
	form string
}

// failuresOf returns the signals of a rule that failed and can run again, the oldest first.
func failuresOf(ctx context.Context, r *sqlite.Reader, rule string) ([]keptFailure, error) {
	prefix := engine.FailureStream(rule, "")
	positions, err := r.Positions(ctx, prefix)
	if err != nil {
		return nil, err
	}
	var kept []keptFailure
	for _, stream := range slices.Sorted(maps.Keys(positions)) {
		key, own := strings.CutPrefix(stream, prefix)
		if f, ok := engine.ParseFailure(key, positions[stream]); ok && own {
			kept = append(kept, keptFailure{f, positions[stream]})
		}
	}
	slices.SortStableFunc(kept, func(a, b keptFailure) int { return a.At.Compare(b.At) })
	return kept, nil
}
