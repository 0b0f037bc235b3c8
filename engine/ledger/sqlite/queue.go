package sqlite

import (
	"context"
	"fmt"
	"time"

	"zombiezen.com/go/sqlite"

	"rhea/engine"
	"rhea/engine/ledger"
)

// Drain hands out due deliveries until ctx ends.
func (l *Ledger) Drain(ctx context.Context, wake <-chan string, deliver engine.Deliver) error {
	return fault(l.path, l.drainer.Run(ctx, wake, deliver))
}

// Relays implements [ledger.Queue].
func (l *Ledger) Relays(ctx context.Context) (relays map[string]time.Time, err error) {
	err = l.read(ctx, func(c *sqlite.Conn) error {
		relays = make(map[string]time.Time)
		return exec(c, "SELECT relay, min(due) FROM delivery WHERE due IS NOT NULL GROUP BY relay",
			func(s *sqlite.Stmt) error {
				relays[s.ColumnText(0)] = time.UnixMilli(s.ColumnInt64(1))
				return nil
			})
	})
	return relays, err
}

const (
	columns = `e.seq, e.json, e.rule, e.committed, d.relay, d.state, d.attempts, d.reason, d.quorum,
		d.retry_initial, d.retry_max, d.retry_elapsed, e.fixed`
	// dueQuery reads untried deliveries and due retries, each along its part of the index.
	dueQuery = `SELECT ` + columns + ` FROM (
			SELECT event FROM (SELECT event FROM delivery WHERE relay = ?1 AND due = 0 ORDER BY event LIMIT ?3)
			UNION ALL
			SELECT event FROM (SELECT event FROM delivery WHERE relay = ?1 AND due BETWEEN 1 AND ?2 ORDER BY event LIMIT ?3)
			ORDER BY event LIMIT ?3
		) AS x CROSS JOIN delivery AS d ON d.event = x.event AND d.relay = ?1 CROSS JOIN event AS e ON e.seq = x.event
		ORDER BY x.event`
)

// Due implements [ledger.Queue].
func (l *Ledger) Due(ctx context.Context, relay string, now time.Time, n int) (
	due []ledger.Owed, next time.Time, err error,
) {
	err = l.read(ctx, func(c *sqlite.Conn) error {
		err := exec(c, dueQuery, func(s *sqlite.Stmt) error {
			o, err := scan(s)
			due = append(due, o)
			return err
		}, relay, now.UnixMilli(), n)
		if err != nil || len(due) > 0 {
			return err
		}
		return exec(c, "SELECT min(due) FROM delivery WHERE relay = ? AND due IS NOT NULL", func(s *sqlite.Stmt) error {
			if !s.ColumnIsNull(0) {
				next = time.UnixMilli(s.ColumnInt64(0))
			}
			return nil
		}, relay)
	})
	return due, next, err
}

// DueBy returns the deliveries that are due at a time.
func (l *Ledger) DueBy(ctx context.Context, at time.Time, n int) (due []engine.Debt, err error) {
	err = l.read(ctx, func(c *sqlite.Conn) error {
		due = nil
		return exec(c, "SELECT event, relay FROM delivery WHERE due <= ? ORDER BY event LIMIT ?", func(s *sqlite.Stmt) error {
			due = append(due, engine.Debt{Number: s.ColumnInt64(0), Relay: s.ColumnText(1)})
			return nil
		}, at.UnixMilli(), n)
	})
	return due, err
}

// scan reads a row of columns.
func scan(s *sqlite.Stmt) (ledger.Owed, error) {
	o := ledger.Owed{ID: s.ColumnInt64(0), Delivery: engine.Delivery{
		Rule: s.ColumnText(2), Committed: time.UnixMilli(s.ColumnInt64(3)), Relay: s.ColumnText(4),
		State: engine.DeliveryState(s.ColumnText(5)), Attempts: s.ColumnInt(6), Reason: s.ColumnText(7),
		Quorum: s.ColumnInt(8), Number: s.ColumnInt64(0), Fixed: s.ColumnBool(12),
		Retry: engine.Retry{
			Initial: spanOf(s.ColumnInt64(9)), Max: spanOf(s.ColumnInt64(10)), MaxElapsed: spanOf(s.ColumnInt64(11)),
		},
	}}
	if err := o.Event.UnmarshalJSON([]byte(s.ColumnText(1))); err != nil {
		return o, fmt.Errorf("event number %d cannot be read: %w", o.ID, err)
	}
	return o, nil
}

// settledFor is how long what became of a delivery may wait for others.
const settledFor = 20 * time.Millisecond

// Settle implements [ledger.Queue]. Under load it is written with the next commit.
func (l *Ledger) Settle(t ledger.Settled, stored func(error)) {
	now := time.Now()
	err := l.writer.send(context.Background(), write{by: now.Add(settledFor), done: stored, do: func(c *sqlite.Conn) error {
		return l.storeSettled(c, t, now.UnixMilli())
	}})
	if err != nil {
		stored(err)
	}
}

// Hurry implements [ledger.Queue].
func (l *Ledger) Hurry() {
	nothing := write{do: func(*sqlite.Conn) error { return nil }, done: func(error) {}}
	_ = l.writer.send(context.Background(), nothing) // A closed ledger has stored everything.
}

func (l *Ledger) storeSettled(c *sqlite.Conn, t ledger.Settled, changed int64) error {
	if !ledger.Counts(t.State) {
		return exec(c, `UPDATE delivery SET due = ?, reason = ?, changed = ?
			WHERE event = ? AND relay = ? AND due IS NOT NULL`, nil, dueAt(t.Next), t.Reason, changed, t.ID, t.Relay)
	}
	var due any
	if t.State == engine.Retrying {
		due = dueAt(t.Next)
	}
	return l.settle(c, t, due, changed)
}

const settleQuery = `UPDATE delivery SET state = ?1, attempts = attempts + 1, due = ?2, reason = ?3, changed = ?4
	WHERE event = ?5 AND relay = ?6 AND `

// settle stores the result of a try that counts. A delivery that was given up while it was under way stays given up,
// unless the relay has the event.
func (l *Ledger) settle(c *sqlite.Conn, t ledger.Settled, due any, changed int64) error {
	all := l.writer.upkeep.tallies
	err := exec(c, settleQuery+"due IS NOT NULL", nil, string(t.State), due, t.Reason, changed, t.ID, t.Relay)
	if err == nil && c.Changes() == 0 && t.State == engine.Accepted {
		err = exec(c, settleQuery+"state = 'given_up'", nil, string(t.State), due, t.Reason, changed, t.ID, t.Relay)
		all.moved(t.Relay, engine.GivenUp, -c.Changes())
	}
	if err == nil && c.Changes() > 0 {
		all.answered(t, changed)
	}
	return err
}

// dueAt is the stored form of the time of the next try; 0 is reserved for deliveries that were never tried.
func dueAt(t time.Time) int64 { return max(millis(t), 1) }
