package feed

import (
	"context"
	"encoding/json"
	"slices"
	"time"

	"rhea/engine"
)

var _ engine.Planner = (*feeds)(nil)

// Plan implements [engine.Planner]: the next look at each feed. Which feeds an OPML list names is known only to the
// bot that has read it.
func (f *feeds) Plan(ctx context.Context, stored engine.Positions, now time.Time, n int) ([]engine.Planned, error) {
	var looks []engine.Planned
	for _, u := range f.urls {
		text, err := stored.Position(ctx, f.stream(u, len(f.urls)))
		if err != nil {
			return nil, err
		}
		var s state
		look := engine.Planned{Time: now.In(f.zone), Note: hostOf(u) + ", first look"}
		if json.Unmarshal([]byte(text), &s) == nil && s.Next > 0 && s.Asked == u {
			look.Time, look.Note = time.Unix(s.Next, 0).In(f.zone), hostOf(u)
			if s.Held > 0 {
				look.Note += ", held"
			}
		}
		looks = append(looks, look)
	}
	slices.SortStableFunc(looks, func(a, b engine.Planned) int { return a.Time.Compare(b.Time) })
	return looks[:min(n, len(looks))], nil
}
