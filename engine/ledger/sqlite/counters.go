package sqlite

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"slices"
	"time"

	"zombiezen.com/go/sqlite"

	"rhea/engine"
)

// counterHash stands for the name of a counter in the file. Strangers choose parts of names, so it is one for which nobody
// finds a name that is counted with another.
func counterHash(name string) int64 {
	sum := sha256.Sum256([]byte(name))
	return int64(binary.BigEndian.Uint64(sum[:]) >> 1) // Not negative: upkeep begins at 0.
}

func hashesOf(counters []string) []int64 {
	hashes := make([]int64, len(counters))
	for i, name := range counters {
		hashes[i] = counterHash(name)
	}
	return hashes
}

// storeCounters notes a commit under its counters.
func storeCounters(c *sqlite.Conn, hashes []int64, now time.Time) error {
	for _, hash := range hashes {
		err := exec(c, "INSERT INTO counter (hash, at, n) VALUES (?, ?, 1) ON CONFLICT DO UPDATE SET n = n + 1", nil,
			hash, now.UnixMilli())
		if err != nil {
			return err
		}
	}
	return nil
}

// Counted returns when entries with a counter were committed, after a time.
func (r *Reader) Counted(ctx context.Context, counter string, after time.Time) (times []time.Time, err error) {
	err = r.read(ctx, func(c *sqlite.Conn) error {
		times = nil
		return exec(c, "SELECT at, n FROM counter WHERE hash = ? AND at > ? ORDER BY at", func(s *sqlite.Stmt) error {
			times = append(times, slices.Repeat([]time.Time{time.UnixMilli(s.ColumnInt64(0))}, s.ColumnInt(1))...)
			return nil
		}, counterHash(counter), after.UnixMilli())
	})
	return times, err
}

// counters removes those that are too old for any limit. It walks along the table, like claims.
func (u *upkeep) counters(c *sqlite.Conn, now time.Time) (more bool, err error) {
	before := now.Add(-engine.CounterAge).UnixMilli()
	looked := 0
	var old []counterKey
	err = exec(c, `SELECT hash, at FROM counter WHERE (hash, at) > (?, ?) ORDER BY hash, at LIMIT ?`,
		func(s *sqlite.Stmt) error {
			looked++
			u.counter = counterKey{s.ColumnInt64(0), s.ColumnInt64(1)}
			if u.counter.at < before {
				old = append(old, u.counter)
			}
			return nil
		}, u.counter.hash, u.counter.at, upkeepSlice)
	if err != nil {
		return false, err
	}
	for _, k := range old {
		if err := exec(c, "DELETE FROM counter WHERE hash = ? AND at = ?", nil, k.hash, k.at); err != nil {
			return false, err
		}
	}
	if looked < upkeepSlice {
		u.counter = counterKey{}
		return false, nil
	}
	return true, nil
}
