package sqlite

import (
	"context"
	"time"

	"zombiezen.com/go/sqlite"

	"rhea/engine"
)

// storeWait stores the signal that waits under the claim of an entry.
func storeWait(c *sqlite.Conn, e engine.Entry) error {
	if e.Wait == "" {
		return nil
	}
	return exec(c, "INSERT OR REPLACE INTO waiting (rule, key, signal) VALUES (?, ?, ?)", nil, e.Rule, e.Key, e.Wait)
}

// endWait removes the signal that waits under a claim and reports whether there was one.
func endWait(c *sqlite.Conn, rule, key string) (bool, error) {
	err := exec(c, "DELETE FROM waiting WHERE rule = ? AND key = ?", nil, rule, key)
	return c.Changes() == 1, err
}

// runsAgain reports whether the claim of an entry exists, no signal waits under it, and the failed signal is still
// kept.
func runsAgain(c *sqlite.Conn, e engine.Entry, now time.Time) (fresh bool, err error) {
	err = exec(c, `SELECT 1 FROM claim WHERE rule = ?1 AND key = ?2 AND (until IS NULL OR until > ?3)
		AND NOT EXISTS (SELECT 1 FROM waiting WHERE rule = ?1 AND key = ?2)
		AND EXISTS (SELECT 1 FROM position WHERE stream = ?4 AND value <> '')`, func(*sqlite.Stmt) error {
		fresh = true
		return nil
	}, e.Rule, e.Key, now.UnixMilli(), e.Position.Stream)
	return fresh, err
}

// waitingSlice is how many waiting signals one slice of upkeep reads.
const waitingSlice = 50

const (
	waitingColumns = "SELECT number, rule, key, signal FROM waiting "
	waitingOfAll   = waitingColumns + "WHERE number > ?2 ORDER BY number LIMIT ?3"
	waitingOfRule  = waitingColumns + "WHERE rule = ?1 AND number > ?2 ORDER BY number LIMIT ?3"
)

// Waiting returns the signals that wait for a rule, or for any.
func (r *Reader) Waiting(ctx context.Context, rule string, behind int64, n int) (found []engine.Waiting, err error) {
	err = r.read(ctx, func(c *sqlite.Conn) error {
		found = nil
		return waitingBehind(c, rule, behind, n, func(w engine.Waiting) { found = append(found, w) })
	})
	return found, err
}

// waitingBehind calls add for up to n waiting signals after a number, in order.
func waitingBehind(c *sqlite.Conn, rule string, behind int64, n int, add func(engine.Waiting)) error {
	query := waitingOfRule
	if rule == "" {
		query = waitingOfAll
	}
	return exec(c, query, func(s *sqlite.Stmt) error {
		add(engine.Waiting{Number: s.ColumnInt64(0), Rule: s.ColumnText(1), Key: s.ColumnText(2), Signal: s.ColumnText(3)})
		return nil
	}, rule, behind, n)
}

// waitingRules counts the waiting signals of each rule.
func waitingRules(c *sqlite.Conn, add func(rule string, n int)) error {
	return exec(c, "SELECT rule, count(*) FROM waiting GROUP BY rule", func(s *sqlite.Stmt) error {
		add(s.ColumnText(0), s.ColumnInt(1))
		return nil
	})
}

// waiting removes signals that have waited for too long. It walks along the table, which is in the order of time.
func (u *upkeep) waiting(c *sqlite.Conn, now time.Time) (more bool, err error) {
	looked := 0
	var overdue []engine.Decision
	err = waitingBehind(c, "", u.waited, waitingSlice, func(w engine.Waiting) {
		looked++
		u.waited = w.Number
		if d, over := w.Overdue(now); over {
			overdue = append(overdue, d)
		} else if !w.Info().Since.IsZero() {
			looked = 0 // All further signals are younger.
		}
	})
	if err != nil {
		return false, err
	}
	for _, d := range overdue {
		if _, err := endWait(c, d.Rule, d.Key); err != nil {
			return false, err
		}
		decide, err := u.decide(d)
		if err != nil {
			return false, err
		}
		if err := decide(c); err != nil {
			return false, err
		}
	}
	if looked < waitingSlice {
		u.waited = 0
		return false, nil
	}
	return true, nil
}
