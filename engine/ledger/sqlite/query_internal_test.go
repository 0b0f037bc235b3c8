package sqlite

import (
	"regexp"
	"strings"
	"testing"

	"zombiezen.com/go/sqlite"

	"rhea/engine"
	"rhea/engine/ledger"
)

// TestNoScan has the queries of verbs, and those about one event, find what they want by an index, in a large state.
func TestNoScan(t *testing.T) {
	t.Parallel()
	r := openBig(t, bigRows(t))
	queries := map[string]string{
		"retry": retryQuery, "state before a retry": stateQuery, "drop": dropQuery, "event": eventQuery,
		"latest": latestQuery, "latest at a relay": latestAtQuery,
		"rules": rulesQuery, "accepted": acceptedQuery, "outcomes": outcomesQuery, "answers": answersQuery, "owed": openQuery,
	}
	for name, q := range map[string]engine.HistoryQuery{
		"history": {}, "history --rule": {Rule: "r"}, "history --outcome": {Outcome: engine.Fired},
		"history --event": {Event: "e"}, "explain": {Rule: "r", Event: "e"},
	} {
		queries[name] = historyQuery(q)
	}
	for name, q := range map[string]ledger.OutboxQuery{
		"outbox": {}, "outbox --rule": {Rule: "r"}, "outbox --relay": {Relay: "w"}, "outbox show": {Event: "e"},
		"outbox --status, owed":   {States: []engine.DeliveryState{engine.Pending}, Relay: "w"},
		"outbox --status, failed": {States: []engine.DeliveryState{engine.Rejected, engine.GivenUp}, Rule: "r"},
	} {
		queries[name] = outboxQuery(q)
	}
	// These indexes hold only what is owed, was not accepted, or made several events.
	small := regexp.MustCompile(`INDEX (delivery_owed|delivery_failed|decision_published_several)$`)
	for name, query := range queries {
		var plan []string
		err := r.read(t.Context(), func(c *sqlite.Conn) error {
			return exec(c, "EXPLAIN QUERY PLAN "+query, func(s *sqlite.Stmt) error {
				plan = append(plan, s.ColumnText(3))
				return nil
			})
		})
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if strings.HasPrefix(name, "history") && !strings.Contains(strings.Join(plan, "\n"), "INDEX decision_class (class=? AND at>?)") {
			t.Errorf("%s does not walk along its index:\n%s", name, strings.Join(plan, "\n"))
		}
		if read := name == "outbox" || name == "outbox --rule"; read && strings.Contains(strings.Join(plan, "\n"), "TEMP B-TREE") {
			t.Errorf("%s sorts before it hands out the newest, for which `rhea posts` asks:\n%s", name, strings.Join(plan, "\n"))
		}
		for _, step := range plan {
			if table, ok := strings.CutPrefix(step, "SCAN "); ok && !small.MatchString(step) &&
				!strings.HasPrefix(table, "(subquery") && !strings.HasPrefix(table, "json_each") {
				t.Errorf("%s: %s\n%s", name, step, strings.Join(plan, "\n"))
			}
		}
	}
}
