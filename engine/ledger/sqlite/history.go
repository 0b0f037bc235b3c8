package sqlite

import (
	"context"
	"encoding/json"
	"strings"
	"time"

	"zombiezen.com/go/sqlite"

	"rhea/engine"
	"rhea/engine/ledger"
)

// decide returns the function that stores a decision.
func (l *Ledger) decide(d engine.Decision) (func(*sqlite.Conn) error, error) {
	return l.writer.upkeep.decide(d)
}

// Record adds a decision to the history within a second. When the disk cannot keep up, ordinary decisions are left out
// rather than delay the bot.
func (l *Ledger) Record(ctx context.Context, d engine.Decision) error {
	if l.writer.full() && ledger.ClassOf(d.Outcome) == ledger.ClassOther {
		return ctx.Err()
	}
	do, err := l.decide(d)
	if err != nil {
		return err
	}
	return fault(l.path, l.writer.later(ctx, do, func(error) {}))
}

// History returns decisions, newest first, including all that were recorded before the call.
func (l *Ledger) History(ctx context.Context, q engine.HistoryQuery) ([]engine.Decision, error) {
	if err := l.writer.submit(ctx, func(*sqlite.Conn) error { return nil }); err != nil {
		return nil, fault(l.path, err)
	}
	return l.Reader.History(ctx, q)
}

// History returns decisions, newest first.
func (r *Reader) History(ctx context.Context, q engine.HistoryQuery) (found []engine.Decision, err error) {
	limit := q.Limit
	if limit <= 0 {
		limit = ledger.DefaultHistory
	}
	err = r.read(ctx, func(c *sqlite.Conn) error {
		found = nil
		return exec(c, historyQuery(q), func(s *sqlite.Stmt) error {
			d, err := scanDecision(s)
			found = append(found, d)
			return err
		}, unixMilli(q.Since), q.Rule, string(q.Outcome), q.Event, behind(q.Event), limit)
	})
	return found, err
}

// historyQuery returns the query for decisions, newest first.
func historyQuery(q engine.HistoryQuery) string {
	const newest = ` ORDER BY at DESC, seq DESC LIMIT ?6`
	if q.Event != "" {
		return `SELECT ` + decisionColumns + ` FROM decision WHERE seq IN (` + concerned + `) AND at >= ?1 AND ` + wanted + newest
	}
	classes := ledger.Classes()
	if q.Outcome != "" {
		classes = []ledger.Class{ledger.ClassOf(q.Outcome)}
	}
	// Each class has an index in this order, so the newest of each are enough.
	var parts []string
	for _, class := range classes {
		parts = append(parts, `SELECT * FROM (SELECT * FROM decision WHERE class = '`+string(class)+`' AND at >= ?1 AND `+wanted+newest+`)`)
	}
	return `SELECT ` + decisionColumns + ` FROM (` + strings.Join(parts, " UNION ALL ") + `)` + newest
}

const (
	decisionColumns = `at, rule, key, outcome, reason, relay, gates, published, trigger, seq, about`
	// wanted selects by ?2 rule, ?3 outcome and ?4 the beginning of the id of an event.
	wanted = `(?2 = '' OR rule = ?2) AND (?3 = '' OR outcome = ?3)
		AND (?4 = '' OR substr(key, 1, length(?4)) = ?4 OR instr(published, '"' || ?4) > 0)`
	// concerned finds the decisions on an event, or that made one, by the beginning of its id, along the index: by the
	// signal, by the first event that was made, and by the others of those that made several.
	concerned = `SELECT seq FROM decision WHERE class IN ('fired', 'failed', 'other') AND at >= ?1
			AND (substr(key, 1, 12) >= substr(?4, 1, 12) AND substr(key, 1, 12) < ?5
				OR substr(published, 3, 12) >= substr(?4, 1, 12) AND substr(published, 3, 12) < ?5)
		UNION SELECT seq FROM decision INDEXED BY decision_published_several
			WHERE instr(published, ',') > 0 AND instr(published, '"' || ?4) > 0`
)

func scanDecision(s *sqlite.Stmt) (engine.Decision, error) {
	d := engine.Decision{
		At: time.UnixMilli(s.ColumnInt64(0)), Rule: s.ColumnText(1), Key: s.ColumnText(2),
		Outcome: engine.Outcome(s.ColumnText(3)), Reason: s.ColumnText(4), Relay: s.ColumnText(5),
		Trigger: s.ColumnText(8),
	}
	if err := json.Unmarshal([]byte(s.ColumnText(6)), &d.Gates); err != nil {
		return d, err
	}
	if about := s.ColumnText(10); about != "" {
		if err := json.Unmarshal([]byte(about), &d.About); err != nil {
			return d, err
		}
	}
	return d, json.Unmarshal([]byte(s.ColumnText(7)), &d.Published)
}

// Follow returns the decisions that were stored after a place in the history, in the order of storing, and the place of
// the last one. A negative place stands for the end: only that place is returned. Since and Limit of the query are
// ignored.
func (r *Reader) Follow(ctx context.Context, q engine.HistoryQuery, after int64) (
	found []engine.Decision, last int64, err error,
) {
	err = r.read(ctx, func(c *sqlite.Conn) error {
		found, last = nil, after
		if after < 0 {
			last, err = number(c, "SELECT coalesce(max(seq), 0) FROM decision")
			return err
		}
		return exec(c, `SELECT `+decisionColumns+` FROM decision WHERE seq > ?1 AND `+wanted+` ORDER BY seq`,
			func(s *sqlite.Stmt) error {
				d, err := scanDecision(s)
				found, last = append(found, d), s.ColumnInt64(9)
				return err
			}, after, q.Rule, string(q.Outcome), q.Event)
	})
	return found, last, err
}
