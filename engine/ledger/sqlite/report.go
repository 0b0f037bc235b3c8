package sqlite

import (
	"context"
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

const (
	// rulesQuery has SQLite take the reason from the row with the last time.
	rulesQuery = `SELECT name, what, max(last), sum(iif(hour >= ?, count, 0)), reason FROM tally WHERE about = 'rule'
		GROUP BY name, what`
	acceptedQuery = `SELECT name, last FROM tally WHERE about = 'accepted'`
	// outcomesQuery counts what was decided before the first full hour.
	outcomesQuery = `SELECT rule, outcome, count(*) FROM decision
		WHERE class IN ('fired', 'failed', 'other') AND at >= ? AND at < ? GROUP BY rule, outcome`
)

// Rules returns the activity of every rule that is known to the state, with its outcomes since a time.
func (r *Reader) Rules(ctx context.Context, since time.Time) (rules map[string]*ledger.RuleReport, err error) {
	at := func(rule string) *ledger.RuleReport {
		if rules[rule] == nil {
			rules[rule] = &ledger.RuleReport{Outcomes: make(map[engine.Outcome]int)}
		}
		return rules[rule]
	}
	count := func(rule, outcome string, n int) {
		if n > 0 {
			at(rule).Outcomes[engine.Outcome(outcome)] += n
		}
	}
	firstFull := (since.UnixMilli() + hour - 1) / hour
	err = r.read(ctx, func(c *sqlite.Conn) error {
		rules = make(map[string]*ledger.RuleReport)
		last := make(map[string][]ledger.LastOutcome)
		err := exec(c, rulesQuery, func(s *sqlite.Stmt) error {
			rule, outcome := s.ColumnText(0), s.ColumnText(1)
			if outcome == string(engine.Fired) {
				at(rule).Fired = timeOf(s, 2)
			}
			last[rule] = append(last[rule], ledger.LastOutcome{Outcome: engine.Outcome(outcome), At: timeOf(s, 2), Reason: s.ColumnText(4)})
			count(rule, outcome, s.ColumnInt(3))
			return nil
		}, firstFull)
		if err != nil {
			return err
		}
		for rule, all := range last {
			if failed := ledger.LastFailure(all); failed != nil {
				at(rule).Failed = failed
			}
		}
		if err := waitingRules(c, func(rule string, n int) { at(rule).Waiting = n }); err != nil {
			return err
		}
		err = exec(c, acceptedQuery, func(s *sqlite.Stmt) error {
			at(s.ColumnText(0)).Accepted = timeOf(s, 1)
			return nil
		})
		if err != nil {
			return err
		}
		return exec(c, outcomesQuery, func(s *sqlite.Stmt) error {
			count(s.ColumnText(0), s.ColumnText(1), s.ColumnInt(2))
			return nil
		}, since.UnixMilli(), firstFull*hour)
	})
	return rules, err
}

const (
	answersQuery = `SELECT name, what, count, last, reason FROM tally WHERE about = 'relay'`
	// openQuery walks along the index of what is owed only.
	openQuery = `SELECT relay, n, (SELECT committed FROM event WHERE seq = oldest) FROM (
		SELECT relay, count(*) AS n, min(event) AS oldest FROM delivery WHERE due IS NOT NULL GROUP BY relay)`
)

// RelayReports returns the state of the deliveries to every relay.
func (r *Reader) RelayReports(ctx context.Context) (relays map[string]*ledger.RelayReport, err error) {
	at := func(relay string) *ledger.RelayReport {
		if relays[relay] == nil {
			relays[relay] = &ledger.RelayReport{Settled: make(map[engine.DeliveryState]int)}
		}
		return relays[relay]
	}
	err = r.read(ctx, func(c *sqlite.Conn) error {
		relays = make(map[string]*ledger.RelayReport)
		err := exec(c, answersQuery, func(s *sqlite.Stmt) error {
			report, state := at(s.ColumnText(0)), engine.DeliveryState(s.ColumnText(1))
			report.Settled[state] = s.ColumnInt(2)
			if t := timeOf(s, 3); t.After(report.Answered) {
				report.Answered, report.Answer, report.Reason = t, state, s.ColumnText(4)
			}
			return nil
		})
		if err != nil {
			return err
		}
		return exec(c, openQuery, func(s *sqlite.Stmt) error {
			report := at(s.ColumnText(0))
			report.Owed, report.Oldest = s.ColumnInt(1), timeOf(s, 2)
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

// timeOf reads a time; NULL and 0 are the zero time.
func timeOf(s *sqlite.Stmt, column int) time.Time {
	if s.ColumnIsNull(column) || s.ColumnInt64(column) == 0 {
		return time.Time{}
	}
	return time.UnixMilli(s.ColumnInt64(column))
}
