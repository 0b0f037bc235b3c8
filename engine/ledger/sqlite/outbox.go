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
	// ofID selects the events with the id ?2.
	ofID = `substr(id, 1, 12) = substr(?2, 1, 12) AND id = ?2`

	stateQuery = `SELECT state FROM delivery WHERE relay = ?1 AND event = (SELECT max(seq) FROM event WHERE ` + ofID + `)`
	retryQuery = `UPDATE delivery SET state = 'pending', due = 0, changed = ?3
		WHERE relay = ?1 AND event = (SELECT max(seq) FROM event WHERE ` + ofID + `)`
	dropQuery = `UPDATE delivery SET state = 'given_up', due = NULL, changed = ?3, reason = '` + ledger.Dropped + `'
		WHERE relay = ?1 AND +due IS NOT NULL AND event IN (SELECT seq FROM event WHERE ` + ofID + `)`
)

// Retry makes a delivery due now, whatever its state.
func (l *Ledger) Retry(ctx context.Context, event, relay string) error {
	return l.update(ctx, relay, func(c *sqlite.Conn) error {
		err := exec(c, stateQuery, func(s *sqlite.Stmt) error {
			l.writer.upkeep.tallies.moved(relay, engine.DeliveryState(s.ColumnText(0)), -1)
			return nil
		}, relay, event)
		if err != nil {
			return err
		}
		return exec(c, retryQuery, nil, relay, event, time.Now().UnixMilli())
	})
}

// Drop gives up an open delivery.
func (l *Ledger) Drop(ctx context.Context, event, relay string) error {
	return l.update(ctx, relay, func(c *sqlite.Conn) error {
		err := exec(c, dropQuery, nil, relay, event, time.Now().UnixMilli())
		if err == nil {
			l.writer.upkeep.tallies.moved(relay, engine.GivenUp, c.Changes())
		}
		return err
	})
}

// update changes deliveries to a relay by hand.
func (l *Ledger) update(ctx context.Context, relay string, do func(*sqlite.Conn) error) error {
	err := l.writer.submit(ctx, func(c *sqlite.Conn) error {
		err := do(c)
		if err == nil && c.Changes() == 0 {
			err = ledger.ErrNotFound
		}
		return err
	})
	if err == nil {
		l.drainer.Wake(relay)
	}
	return fault(l.path, err)
}
