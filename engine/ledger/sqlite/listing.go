package sqlite

import (
	"context"
	"encoding/json"
	"errors"
	"iter"
	"slices"
	"time"

	"zombiezen.com/go/sqlite"

	"rhea/engine"
	"rhea/engine/ledger"
)

const (
	// fromEvents, fromDeliveries and fromOwed read deliveries along a table or an index of it.
	fromEvents     = ` FROM event AS e CROSS JOIN delivery AS d ON d.event = e.seq WHERE `
	fromDeliveries = ` FROM delivery AS d CROSS JOIN event AS e ON e.seq = d.event WHERE `
	fromOwed       = ` FROM delivery AS d INDEXED BY delivery_owed CROSS JOIN event AS e ON e.seq = d.event WHERE d.due IS NOT NULL AND `
	// selects is what a query of the outbox may ask for.
	selects = `(?1 = '' OR e.rule = ?1) AND (?2 = '' OR d.relay = ?2) AND substr(e.id, 1, length(?3)) = ?3
		AND (?5 = 0 OR d.state IN (SELECT value FROM json_each(?6))) AND e.committed BETWEEN ?7 AND ?8`
	// byEvent and byDelivery are the same order, newest first, for those that begin with events and with deliveries.
	byEvent    = ` ORDER BY e.seq DESC, d.relay LIMIT ?9`
	byDelivery = ` ORDER BY d.event DESC, d.relay LIMIT ?9`
)

// outboxQuery walks along the index that finds the fewest deliveries. Without one it begins with the newest.
func outboxQuery(q ledger.OutboxQuery) string {
	only := func(states ...engine.DeliveryState) bool {
		other := func(s engine.DeliveryState) bool { return !slices.Contains(states, s) }
		return len(q.States) > 0 && !slices.ContainsFunc(q.States, other)
	}
	what := "SELECT " + columns + ", d.due, d.changed"
	switch {
	case q.Event != "":
		return what + fromEvents + "substr(e.id, 1, 12) >= substr(?3, 1, 12) AND substr(e.id, 1, 12) < ?4 AND " + selects + byEvent
	case only(engine.Rejected, engine.GivenUp):
		return what + fromDeliveries + "d.state IN ('rejected', 'given_up') AND " + selects + byDelivery
	case only(engine.Pending, engine.Retrying):
		return what + fromOwed + selects + byDelivery
	case q.Relay != "":
		return what + fromDeliveries + "d.relay = ?2 AND " + selects + byDelivery
	case q.Rule != "":
		return what + fromEvents + "e.rule = ?1 AND " + selects + byEvent
	default:
		return what + fromEvents + "e.seq > 0 AND " + selects + byEvent
	}
}

// Outbox yields the deliveries that a query selects, newest first.
func (r *Reader) Outbox(ctx context.Context, q ledger.OutboxQuery) iter.Seq2[ledger.Item, error] {
	return func(yield func(ledger.Item, error) bool) {
		states, err := json.Marshal(q.States)
		until, limit := int64(1<<62), q.Limit
		if !q.Until.IsZero() {
			until = q.Until.UnixMilli()
		}
		if limit <= 0 {
			limit = -1
		}
		if err == nil {
			err = r.read(ctx, func(c *sqlite.Conn) error {
				return exec(c, outboxQuery(q), func(s *sqlite.Stmt) error {
					o, err := scan(s)
					item := ledger.Item{Delivery: o.Delivery, Next: timeOf(s, 13), Changed: timeOf(s, 14)}
					if err == nil && !yield(item, nil) {
						err = errEnough
					}
					return err
				}, q.Rule, q.Relay, q.Event, behind(q.Event), len(q.States), string(states), unixMilli(q.Since), until, limit)
			})
		}
		if err != nil && !errors.Is(err, errEnough) {
			yield(ledger.Item{}, err)
		}
	}
}

// behind is a text behind all that begin with a prefix, as far as an index looks.
func behind(prefix string) string {
	runes := []rune(prefix)
	return string(runes[:min(len(runes), 12)]) + "\U0010FFFF"
}

// unixMilli is 0 for the zero time.
func unixMilli(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMilli()
}
