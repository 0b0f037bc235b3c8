package sqlite

import (
	"context"
	"time"

	"zombiezen.com/go/sqlite"
)

const (
	// fillSlice is how many claims are read at a time to fill the filter, in some milliseconds, and fillPause is the pause
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

// fillFilter adds the claims of the file to the filter, beside everything else. What is committed meanwhile is added by
// its commit. After a fault the filter stays incomplete, and every claim is asked for.
func (l *Ledger) fillFilter() {
	defer close(l.filled)
	var last claimKey
	for {
		var found []claimKey
		err := l.read(context.Background(), func(c *sqlite.Conn) (err error) {
			found, err = claimsBehind(c, last, fillSlice)
			return err
		})
		if err != nil {
			return
		}
		l.claims.add(found...)
		if len(found) < fillSlice {
			l.claims.setComplete()
			return
		}
		last = found[len(found)-1]
		select {
		case <-time.After(fillPause):
		case <-l.quit:
			return
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
