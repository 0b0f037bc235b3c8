package bot

import (
	"context"
	"slices"
	"time"

	"rhea/engine"
)

// counted returns when entries with a mark were committed, from a time until now, oldest first. A clock that was ahead
// has left marks that lie in the future by now: they would use up a limit until then.
func counted(ctx context.Context, l engine.Claims, mark string, since, now time.Time) ([]time.Time, error) {
	times, err := l.Times(ctx, mark, since)
	if err != nil {
		return nil, err
	}
	slices.SortFunc(times, time.Time.Compare)
	return times[:after(times, now)], nil
}
