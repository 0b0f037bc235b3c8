package schedule

import (
	"context"
	"time"

	"rhea/engine"
)

var (
	_ engine.Planner   = (*schedule)(nil)
	_ engine.Sampler   = (*schedule)(nil)
	_ engine.Previewer = (*schedule)(nil)
)

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

// Sample implements [engine.Sampler]: it judges whether a time is planned, or makes the next one that is.
func (s *schedule) Sample(_ context.Context, sample engine.Sample) ([]engine.Signal, error) {
	if sample.Received != nil || sample.Document != nil {
		return nil, &engine.Mismatch{Reason: "it waits for planned times, and something else is given"}
	}
	after := sample.Now
	if !sample.Time.IsZero() {
		after = sample.Time.Add(-time.Nanosecond)
	}
	t, ok := s.plan.Next(after)
	switch {
	case !ok:
		return nil, &engine.Mismatch{Reason: "nothing is planned after " + after.Format(time.RFC3339)}
	case !sample.Time.IsZero() && !t.Equal(sample.Time):
		return nil, &engine.Mismatch{Reason: sample.Time.Format(time.RFC3339) + " is not a planned time; the next one is " + t.Format(time.RFC3339)}
	}
	return []engine.Signal{s.signal(t)}, nil
}

// Preview implements [engine.Previewer]: the next planned time.
func (s *schedule) Preview(_ context.Context, now time.Time, _ int) ([]engine.Signal, error) {
	t, ok := s.plan.Next(now)
	if !ok {
		return nil, nil
	}
	return []engine.Signal{s.signal(t)}, nil
}

func (s *schedule) signal(t time.Time) engine.Signal {
	return engine.Signal{
		Key: instant(t), Time: t, Group: s.setup.Stream, Planned: true, Data: &Data{Schedule: Schedule{Time: t}},
	}
}
