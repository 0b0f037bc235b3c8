package sqlite

import (
	"context"
	"time"

	"zombiezen.com/go/sqlite"

	"rhea/engine"
)

// Counted returns when entries with a counter were committed, after a time.
func (r *Reader) Counted(ctx context.Context, counter string, after time.Time) (times []time.Time, err error) {
	err = r.read(ctx, func(c *sqlite.Conn) error {
		times = nil
		return exec(c, "SELECT at FROM mark WHERE name = ? AND at > ? ORDER BY at", func(s *sqlite.Stmt) error {
			times = append(times, time.UnixMilli(s.ColumnInt64(0)))
			return nil
		}, counter, after.UnixMilli())
	})
	return times, err
}

// counters removes those that are too old for any limit. It walks along the table, like claims.
func (u *upkeep) counters(c *sqlite.Conn, now time.Time) (more bool, err error) {
	before := now.Add(-engine.CounterAge).UnixMilli()
	looked := 0
	var old []counterKey
	err = exec(c, `SELECT name, at, key FROM mark WHERE (name, at, key) > (?, ?, ?) ORDER BY name, at, key LIMIT ?`,
		func(s *sqlite.Stmt) error {
			looked++
			u.counter = counterKey{s.ColumnText(0), s.ColumnInt64(1), s.ColumnText(2)}
			if u.counter.at < before {
				old = append(old, u.counter)
			}
			return nil
		}, u.counter.name, u.counter.at, u.counter.key, upkeepSlice)
	if err != nil {
		return false, err
	}
	for _, m := range old {
		if err := exec(c, "DELETE FROM mark WHERE name = ? AND at = ? AND key = ?", nil, m.name, m.at, m.key); err != nil {
			return false, err
		}
	}
	if looked < upkeepSlice {
		u.counter = counterKey{}
		return false, nil
	}
	return true, nil
}
