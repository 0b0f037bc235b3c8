package sqlite

import (
	"context"
	"encoding/json"
	"errors"
	"iter"
	"time"

	"zombiezen.com/go/sqlite"

	"rhea/engine"
	"rhea/engine/ledger"
)

// errEnough ends a listing when its reader stops.
var errEnough = errors.New("enough")

// Deliveries yields the deliveries in the given states, all without any, newest first. Settled ones are kept for as
// long as [Options] define.
func (r *Reader) Deliveries(ctx context.Context, states ...engine.DeliveryState) iter.Seq2[engine.Delivery, error] {
	return func(yield func(engine.Delivery, error) bool) {
		wanted, err := json.Marshal(states)
		if err == nil {
			err = r.read(ctx, func(c *sqlite.Conn) error {
				return exec(c, `SELECT `+columns+` FROM event AS e CROSS JOIN delivery AS d ON d.event = e.seq
					WHERE ?2 = 0 OR d.state IN (SELECT value FROM json_each(?1)) ORDER BY e.seq DESC, d.relay`,
					func(s *sqlite.Stmt) error {
						o, err := scan(s)
						if err == nil && !yield(o.Delivery, nil) {
							err = errEnough
						}
						return err
					}, string(wanted), len(states))
			})
		}
		if err != nil && !errors.Is(err, errEnough) {
			yield(engine.Delivery{}, err)
		}
	}
}

const (
	retryQuery = `UPDATE delivery SET state = 'pending', due = 0, changed = ?1
		WHERE relay = ?3 AND event = (SELECT max(seq) FROM event WHERE id = ?2)`
	dropQuery = `UPDATE delivery SET state = 'given_up', due = NULL, changed = ?1, reason = '` + ledger.Dropped + `'
		WHERE relay = ?3 AND due IS NOT NULL AND event IN (SELECT seq FROM event WHERE id = ?2)`
)

// Retry makes a delivery due now, whatever its state.
func (l *Ledger) Retry(ctx context.Context, event, relay string) error {
	err := l.update(ctx, retryQuery, event, relay)
	if err == nil {
		l.drainer.Wake(relay)
	}
	return err
}

// Drop gives up an open delivery.
func (l *Ledger) Drop(ctx context.Context, event, relay string) error {
	err := l.update(ctx, dropQuery, event, relay)
	if err == nil {
		l.drainer.Wake(relay)
	}
	return err
}

func (l *Ledger) update(ctx context.Context, query, event, relay string) error {
	return fault(l.path, l.writer.submit(ctx, func(c *sqlite.Conn) error {
		err := exec(c, query, nil, time.Now().UnixMilli(), event, relay)
		if err == nil && c.Changes() == 0 {
			err = ledger.ErrNotFound
		}
		return err
	}))
}
