package sqlite

import (
	"context"
	"time"

	"zombiezen.com/go/sqlite"
)

const (
	// fillSlice is how many keys are read at a time to fill a filter, in some milliseconds, and fillPause is the pause
	// between two slices, in which the bot starts.
	fillSlice = 2000
	fillPause = 10 * time.Millisecond
)

// Seen reports whether (rule, key) was claimed. Only this process writes the file, so what the filter lacks is not asked
// for.
func (l *Ledger) Seen(ctx context.Context, rule, key string) (bool, error) {
	if err := ctx.Err(); err != nil {
		return false, err
	}
	if err := l.usable(); err != nil || l.claims.lacks(claimKey{rule, key}) {
		return false, err
	}
	return l.Reader.Seen(ctx, rule, key)
}

// Counted returns when entries with a counter were committed, after a time. Most have none, such as that of a thread in
// which nobody was answered.
func (l *Ledger) Counted(ctx context.Context, counter string, after time.Time) ([]time.Time, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if err := l.usable(); err != nil || l.counters.lacks(counterHash(counter)) {
		return nil, err
	}
	return l.Reader.Counted(ctx, counter, after)
}

// fillFilters adds the claims and counters of the file to the filters, beside everything else. What is committed meanwhile
// is added by its commit. After a fault a filter stays incomplete, and everything is asked for.
func (l *Ledger) fillFilters() {
	defer close(l.filled)
	if fillFilter(l, l.claims, claimKey{}, claimsBehind) {
		fillFilter(l, l.counters, -1, countersBehind)
	}
}

// fillFilter adds all keys behind the first one to a filter.
func fillFilter[K comparable](l *Ledger, f *filter[K], last K, behind func(*sqlite.Conn, K, int) ([]K, error)) (complete bool) {
	for {
		var found []K
		err := l.read(context.Background(), func(c *sqlite.Conn) (err error) {
			found, err = behind(c, last, fillSlice)
			return err
		})
		if err != nil {
			return false
		}
		f.add(found...)
		if len(found) < fillSlice {
			f.setComplete()
			return true
		}
		last = found[len(found)-1]
		select {
		case <-time.After(fillPause):
		case <-l.quit:
			return false
		}
	}
}

const claimsQuery = "SELECT rule, key FROM claim WHERE (rule, key) > (?, ?) ORDER BY rule, key LIMIT ?"

// claimsBehind returns up to n claims behind one, in their order.
func claimsBehind(c *sqlite.Conn, last claimKey, n int) (found []claimKey, err error) {
	err = exec(c, claimsQuery, func(s *sqlite.Stmt) error {
		found = append(found, claimKey{s.ColumnText(0), s.ColumnText(1)})
		return nil
	}, last.rule, last.key, n)
	return found, err
}

// countersQuery goes from one counter to the next, because each may have many rows.
const countersQuery = `WITH RECURSIVE next (hash) AS (
		SELECT min(hash) FROM counter WHERE hash > ?1
		UNION ALL SELECT (SELECT min(hash) FROM counter WHERE hash > next.hash) FROM next WHERE hash IS NOT NULL
	) SELECT hash FROM next WHERE hash IS NOT NULL LIMIT ?2`

// countersBehind returns up to n counters behind one, in their order.
func countersBehind(c *sqlite.Conn, last int64, n int) (found []int64, err error) {
	err = exec(c, countersQuery, func(s *sqlite.Stmt) error {
		found = append(found, s.ColumnInt64(0))
		return nil
	}, last, n)
	return found, err
}
