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

// Positions returns the positions of all streams whose names begin with prefix.
func (r *Reader) Positions(ctx context.Context, prefix string) (values map[string]string, err error) {
	err = r.read(ctx, func(c *sqlite.Conn) error {
		values = make(map[string]string)
		return exec(c, "SELECT stream, value FROM position WHERE stream >= ?1 AND substr(stream, 1, length(?1)) = ?1",
			func(s *sqlite.Stmt) error {
				values[s.ColumnText(0)] = s.ColumnText(1)
				return nil
			}, prefix)
	})
	return values, err
}

// Positions returns the positions of all streams whose names begin with prefix, including those that were queued before
// the call.
func (l *Ledger) Positions(ctx context.Context, prefix string) (map[string]string, error) {
	if err := l.writer.submit(ctx, func(*sqlite.Conn) error { return nil }); err != nil {
		return nil, fault(l.path, err)
	}
	return l.Reader.Positions(ctx, prefix)
}

// Rules returns the activity of every rule that is known to the state, with its outcomes since a time.
func (r *Reader) Rules(ctx context.Context, since time.Time) (rules map[string]*ledger.RuleReport, err error) {
	at := func(rule string) *ledger.RuleReport {
		if rules[rule] == nil {
			rules[rule] = &ledger.RuleReport{Outcomes: make(map[engine.Outcome]int)}
		}
		return rules[rule]
	}
	err = r.read(ctx, func(c *sqlite.Conn) error {
		rules = make(map[string]*ledger.RuleReport)
		err := exec(c, `SELECT rule, max(at) FROM decision WHERE class = 'fired' AND outcome = 'fired' GROUP BY rule`,
			func(s *sqlite.Stmt) error {
				at(s.ColumnText(0)).Fired = timeOf(s, 1)
				return nil
			})
		if err != nil {
			return err
		}
		if err := waitingRules(c, func(rule string, n int) { at(rule).Waiting = n }); err != nil {
			return err
		}
		err = exec(c, `SELECT e.rule, max(d.changed) FROM event AS e JOIN delivery AS d ON d.event = e.seq
			WHERE d.state = 'accepted' GROUP BY e.rule`, func(s *sqlite.Stmt) error {
			at(s.ColumnText(0)).Accepted = timeOf(s, 1)
			return nil
		})
		if err != nil {
			return err
		}
		return exec(c, `SELECT rule, outcome, count(*) FROM decision
			WHERE class IN ('fired', 'failed', 'other') AND at >= ? GROUP BY rule, outcome`, func(s *sqlite.Stmt) error {
			at(s.ColumnText(0)).Outcomes[engine.Outcome(s.ColumnText(1))] = s.ColumnInt(2)
			return nil
		}, since.UnixMilli())
	})
	return rules, err
}

// RelayReports returns the state of the deliveries to every relay.
func (r *Reader) RelayReports(ctx context.Context) (relays map[string]*ledger.RelayReport, err error) {
	err = r.read(ctx, func(c *sqlite.Conn) error {
		relays = make(map[string]*ledger.RelayReport)
		err := exec(c, `SELECT d.relay, d.state, count(*), min(CASE WHEN d.due IS NOT NULL THEN e.committed END)
			FROM delivery AS d JOIN event AS e ON e.seq = d.event GROUP BY d.relay, d.state`,
			func(s *sqlite.Stmt) error {
				report := relays[s.ColumnText(0)]
				if report == nil {
					report = &ledger.RelayReport{States: make(map[engine.DeliveryState]int)}
					relays[s.ColumnText(0)] = report
				}
				report.States[engine.DeliveryState(s.ColumnText(1))] = s.ColumnInt(2)
				if t := timeOf(s, 3); report.Oldest.IsZero() || !t.IsZero() && t.Before(report.Oldest) {
					report.Oldest = t
				}
				return nil
			})
		if err != nil {
			return err
		}
		// With max, SQLite takes the other columns from the row with the largest value.
		return exec(c, `SELECT relay, state, reason, max(changed) FROM delivery WHERE attempts > 0 GROUP BY relay`,
			func(s *sqlite.Stmt) error {
				report := relays[s.ColumnText(0)]
				if report != nil {
					report.Answer, report.Reason = engine.DeliveryState(s.ColumnText(1)), s.ColumnText(2)
					report.Answered = timeOf(s, 3)
				}
				return nil
			})
	})
	return relays, err
}

// Newest returns the deliveries of the newest version of an address.
func (r *Reader) Newest(ctx context.Context, address string) (found []ledger.Item, err error) {
	err = r.read(ctx, func(c *sqlite.Conn) error {
		found = nil
		return exec(c, `SELECT `+columns+`, d.due, d.changed FROM event AS e CROSS JOIN delivery AS d ON d.event = e.seq
			WHERE e.seq = (SELECT seq FROM event WHERE address = ? ORDER BY dated DESC, id LIMIT 1) ORDER BY d.relay`,
			func(s *sqlite.Stmt) error {
				o, err := scan(s)
				found = append(found, ledger.Item{Delivery: o.Delivery, Next: timeOf(s, 13), Changed: timeOf(s, 14)})
				return err
			}, address)
	})
	return found, err
}

// Decided returns the time of the newest decision, by the clock of then; zero without one.
func (r *Reader) Decided(ctx context.Context) (at time.Time, err error) {
	err = r.read(ctx, func(c *sqlite.Conn) error {
		for _, class := range ledger.Classes() {
			newest, err := number(c, "SELECT max(at) FROM decision WHERE class = ?", string(class))
			if err != nil {
				return err
			}
			if t := time.UnixMilli(newest); newest > 0 && t.After(at) {
				at = t
			}
		}
		return nil
	})
	return at, err
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
				return exec(c, `SELECT `+columns+`, d.due, d.changed FROM event AS e CROSS JOIN delivery AS d ON d.event = e.seq
					WHERE (?1 = '' OR e.rule = ?1) AND (?2 = '' OR d.relay = ?2) AND substr(e.id, 1, length(?3)) = ?3
					AND (?4 = 0 OR d.state IN (SELECT value FROM json_each(?5))) AND e.committed BETWEEN ?6 AND ?7
					ORDER BY e.seq DESC, d.relay LIMIT ?8`,
					func(s *sqlite.Stmt) error {
						o, err := scan(s)
						item := ledger.Item{Delivery: o.Delivery, Next: timeOf(s, 13), Changed: timeOf(s, 14)}
						if err == nil && !yield(item, nil) {
							err = errEnough
						}
						return err
					}, q.Rule, q.Relay, q.Event, len(q.States), string(states), unixMilli(q.Since), until, limit)
			})
		}
		if err != nil && !errors.Is(err, errEnough) {
			yield(ledger.Item{}, err)
		}
	}
}

// timeOf reads a time; NULL and 0 are the zero time.
func timeOf(s *sqlite.Stmt, column int) time.Time {
	if s.ColumnIsNull(column) || s.ColumnInt64(column) == 0 {
		return time.Time{}
	}
	return time.UnixMilli(s.ColumnInt64(column))
}

// unixMilli is 0 for the zero time.
func unixMilli(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMilli()
}
