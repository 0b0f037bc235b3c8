package sqlite

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"zombiezen.com/go/sqlite"
	"zombiezen.com/go/sqlite/sqlitex"

	"rhea/engine"
	"rhea/engine/ledger"
)

// bigRows is how many rows the state has that verbs are measured on: as RHEA_ROWS says, such as 1000000.
func bigRows(tb testing.TB) int {
	tb.Helper()
	n, err := strconv.Atoi(os.Getenv("RHEA_ROWS"))
	if err != nil {
		return 20_000
	}
	return n
}

// openBig opens a state of so many rows, written by an older program and brought up: half are claims, a quarter deliveries and an eighth events; the rest are
// decisions, as many as a history keeps at most. A rule, a relay and an event of each hundred thousand are rare.
func openBig(tb testing.TB, rows int) *Reader {
	tb.Helper()
	path := filepath.Join(tb.TempDir(), "rhea.db")
	c, err := sqlite.OpenConn(path, sqlite.OpenReadWrite|sqlite.OpenCreate)
	if err != nil {
		tb.Fatal(err)
	}
	now := time.Now().UnixMilli()
	const numbers = "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?1), t (now) AS (SELECT ?2) "
	old := fmt.Sprintf("PRAGMA application_id = %d; PRAGMA user_version = 3;", applicationID) + strings.Join(migrations()[:3], ";")
	if err := sqlitex.ExecuteScript(c, old, nil); err != nil {
		tb.Fatal(err)
	}
	err = transaction(c, func(c *sqlite.Conn) error {
		for _, part := range []struct {
			query string
			n     int
		}{
			{"INSERT INTO claim (rule, key) SELECT 'rule', printf('%08x%056x', i * 2654435761 % 4294967296, i) FROM n", rows / 2},
			{`INSERT INTO event (seq, id, rule, committed, json, fixed)
				SELECT i, printf('%08x%056x', i * 2246822519 % 4294967296, i), iif(i = 7, 'rare', 'rule ' || (i % 10)), ?2 - (?1 - i),
				'{"kind":1,"id":"' || printf('%064x', i) || '","pubkey":"' || printf('%064x', 7) || '","sig":"' || printf('%0128x', 9)
				|| '","created_at":1700000000,"tags":[],"content":"' || printf('%0300d', i) || '"}', 0 FROM n`, rows / 8},
			{`INSERT INTO delivery (event, relay, quorum, retry_initial, retry_max, retry_elapsed)
				SELECT i / 2 + 1, iif(i = 7, 'wss://rare.example', 'wss://' || (i % 2) || '.example'), 1, 1, 1, 1 FROM n
				WHERE i / 2 < ?1 / 2`, rows / 4},
			{`UPDATE delivery SET state = CASE WHEN event = 5 THEN 'rejected' ELSE 'accepted' END, attempts = 1, due = NULL, changed = ?2
				WHERE event < ?1 / 2 - 100`, rows / 4},
			{`INSERT INTO decision (at, class, outcome, rule, trigger, key, reason, relay, gates, published)
				SELECT ?2 - (?1 - i) * 1800, CASE i % 9 WHEN 0 THEN 'failed' WHEN 1 THEN 'failed' WHEN 2 THEN 'other' WHEN 3 THEN 'other' ELSE 'fired' END,
				CASE i % 9 WHEN 0 THEN 'action_error' WHEN 1 THEN 'action_error' WHEN 2 THEN 'rate_limited' WHEN 3 THEN 'loop' ELSE 'fired' END,
				iif(i = 13, 'rare', 'rule ' || (i % 10)), 'mention', printf('%08x%056x', i * 2654435761 % 4294967296, i), '', 'wss://a.example',
				'[{"gate":"age","pass":true},{"gate":"self","pass":true},{"gate":"condition","pass":true},{"gate":"limit","pass":true}]',
				CASE WHEN i % 9 > 3 THEN '["' || printf('%08x%056x', i * 2246822519 % 4294967296, i) || '"]' ELSE '[]' END FROM n`,
				min(rows/8, 90_000)},
		} {
			if err := exec(c, numbers+part.query, nil, part.n, now); err != nil {
				return fmt.Errorf("%s: %w", part.query, err)
			}
		}
		return nil
	})
	if err := errors.Join(err, c.Close()); err != nil {
		tb.Fatal(err)
	}
	start := time.Now()
	l, err := Open(path, Options{})
	if err != nil {
		tb.Fatal(err)
	}
	tb.Logf("%d rows of schema version 3 are brought up in %v", rows, time.Since(start))
	if err := l.Close(); err != nil {
		tb.Fatal(err)
	}
	start = time.Now()
	if l, err = Open(path, Options{}); err != nil {
		tb.Fatal(err)
	}
	tb.Logf("the state is opened in %v", time.Since(start))
	if err := l.Close(); err != nil {
		tb.Fatal(err)
	}
	r, err := OpenReadOnly(path)
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { _ = r.Close() })
	return r
}

// TestVerbs asks a large state what the verbs ask, and counts what they find.
func TestVerbs(t *testing.T) {
	t.Parallel()
	r := openBig(t, bigRows(t))
	wants := map[string]int{
		"status": 14, "history": 30, "history --rule, a rare one": 1,
		"history --outcome": 30, "history --outcome, a rare one": 0, "history --event": 1, "history --event, made": 1, "explain": 1,
		"outbox list": 50, "outbox list --rule": 2, "outbox list --relay": 1, "outbox list --status": 2,
		"outbox list --status, owed": 50, "outbox show": 2, "seen": 1,
	}
	for name, ask := range verbs(t.Context(), r) {
		if n, err := ask(); err != nil || n != wants[name] {
			t.Errorf("%s finds %d, %v; want %d", name, n, err, wants[name])
		}
	}
}

// verbs are what the verbs of the command line ask of a large state; each returns how much it has found.
func verbs(ctx context.Context, r *Reader) map[string]func() (int, error) {
	event := func(i int64) string { return fmt.Sprintf("%08x%056x", i*2246822519%4294967296, i) }
	signal := func(i int64) string { return fmt.Sprintf("%08x%056x", i*2654435761%4294967296, i) }
	history := func(q engine.HistoryQuery) func() (int, error) {
		return func() (int, error) { found, err := r.History(ctx, q); return len(found), err }
	}
	outbox := func(q ledger.OutboxQuery) func() (int, error) {
		return func() (n int, err error) {
			for _, err = range r.Outbox(ctx, q) {
				n++
			}
			return n, err
		}
	}
	return map[string]func() (int, error){
		"status": func() (int, error) {
			rules, err := r.Rules(ctx, time.Now().Add(-24*time.Hour))
			relays, err2 := r.RelayReports(ctx)
			_, err3 := r.Decided(ctx)
			return len(rules) + len(relays), errors.Join(err, err2, err3)
		},
		"history":                       history(engine.HistoryQuery{Limit: 30}),
		"history --rule, a rare one":    history(engine.HistoryQuery{Rule: "rare", Limit: 30}),
		"history --outcome":             history(engine.HistoryQuery{Outcome: engine.Fired, Limit: 30}),
		"history --outcome, a rare one": history(engine.HistoryQuery{Outcome: engine.Undone, Limit: 30}),
		"history --event":               history(engine.HistoryQuery{Event: signal(17), Limit: 30}),
		"history --event, made":         history(engine.HistoryQuery{Event: event(17)[:12], Limit: 30}),
		"explain":                       history(engine.HistoryQuery{Rule: "rule 7", Event: signal(17), Limit: 1 << 20}),
		"outbox list":                   outbox(ledger.OutboxQuery{Limit: 50}),
		"outbox list --rule":            outbox(ledger.OutboxQuery{Rule: "rare", Limit: 50}),
		"outbox list --relay":           outbox(ledger.OutboxQuery{Relay: "wss://rare.example", Limit: 50}),
		"outbox list --status":          outbox(ledger.OutboxQuery{States: []engine.DeliveryState{engine.Rejected, engine.GivenUp}, Limit: 50}),
		"outbox list --status, owed":    outbox(ledger.OutboxQuery{States: []engine.DeliveryState{engine.Pending, engine.Retrying}, Limit: 50}),
		"outbox show":                   outbox(ledger.OutboxQuery{Event: event(17)[:12]}),
		"seen": func() (int, error) {
			seen, err := r.Seen(ctx, "rule", signal(18))
			return map[bool]int{true: 1}[seen], err
		},
	}
}

// BenchmarkVerbs measures what the verbs of the command line ask of a large state.
func BenchmarkVerbs(b *testing.B) {
	r := openBig(b, bigRows(b))
	for name, ask := range verbs(b.Context(), r) {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				if _, err := ask(); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
