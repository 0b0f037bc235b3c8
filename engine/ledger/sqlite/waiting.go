package sqlite

import (
	"context"

	"zombiezen.com/go/sqlite"

	"rhea/engine"
)

// wait stores what waits under the claim of an entry.
func wait(c *sqlite.Conn, e engine.Entry) error {
	if e.Wait == "" {
		return nil
	}
	return exec(c, "INSERT OR REPLACE INTO waiting (rule, key, signal) VALUES (?, ?, ?)", nil, e.Rule, e.Key, e.Wait)
}

// endWait removes what waits under a claim and reports whether it did.
func endWait(c *sqlite.Conn, e engine.Entry) (bool, error) {
	err := exec(c, "DELETE FROM waiting WHERE rule = ? AND key = ?", nil, e.Rule, e.Key)
	return c.Changes() == 1, err
}

// Waiting returns the signals that wait for a rule.
func (r *Reader) Waiting(ctx context.Context, rule string, behind int64, n int) (found []engine.Waiting, err error) {
	err = r.read(ctx, func(c *sqlite.Conn) error {
		found = nil
		return exec(c, "SELECT number, key, signal FROM waiting WHERE rule = ? AND number > ? ORDER BY number LIMIT ?",
			func(s *sqlite.Stmt) error {
				found = append(found, engine.Waiting{
					Number: s.ColumnInt64(0), Rule: rule, Key: s.ColumnText(1), Signal: s.ColumnText(2),
				})
				return nil
			}, rule, behind, n)
	})
	return found, err
}

// waitingRules counts what waits for each rule.
func waitingRules(c *sqlite.Conn, add func(rule string, n int)) error {
	return exec(c, "SELECT rule, count(*) FROM waiting GROUP BY rule", func(s *sqlite.Stmt) error {
		add(s.ColumnText(0), s.ColumnInt(1))
		return nil
	})
}
