package triggers

import (
	"context"
	"time"

	"rhea/engine"
)

var _ engine.Planner = (*schedule)(nil)

// Plan implements [engine.Planner]: first what is overdue, then what comes.
func (s *schedule) Plan(ctx context.Context, stored engine.Positions, now time.Time, n int) ([]engine.Planned, error) {
	last, ok, err := s.stored(ctx, stored)
	if err != nil {
		return nil, err
	}
	if !ok || s.putBack(last, now) {
		last = now
	}
	var coming []engine.Planned
	for len(coming) < n {
		d := s.due(last, now)
		if d.last.Equal(last) {
			break
		}
		last = d.last
		if d.fire {
			coming = append(coming, engine.Planned{Time: last, Note: "overdue"})
		}
	}
	for len(coming) < n {
		t, ok := s.plan.Next(last)
		if !ok {
			break
		}
		last = t
		coming = append(coming, engine.Planned{Time: t, Note: s.delay(t)})
	}
	return coming, nil
}

// delay says how much later than planned the jitter makes it.
func (s *schedule) delay(t time.Time) string {
	if by := s.delayed(t).Sub(t).Round(time.Second); by > 0 {
		return "+" + engine.Duration(by).String()
	}
	return ""
}
