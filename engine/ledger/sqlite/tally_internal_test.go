package sqlite

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"zombiezen.com/go/sqlite"

	"rhea/engine"
	"rhea/engine/ledger"
)

// TestTallies has deliveries end in all ways there are, be sent again, dropped and forgotten. What is tallied must be what
// counting finds.
func TestTallies(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		l := openHere(t, Options{Events: 24 * time.Hour})
		for i := range 12 {
			commit(t, l, fmt.Sprint("event ", i))
		}
		if err := l.Record(t.Context(), engine.Decision{At: time.Now(), Rule: "rule", Outcome: engine.TooOld}); err != nil {
			t.Fatal(err)
		}
		const relay = "wss://a.example"
		settle := func(id int64, s engine.DeliveryState) {
			t.Helper()
			l.Settle(ledger.Settled{ID: id, Relay: relay, Rule: "rule", Settlement: engine.Settlement{
				State: s, Next: time.Now().Add(time.Hour), Reason: string(s),
			}}, func(err error) {
				if err != nil {
					t.Error(err)
				}
			})
			<-time.After(time.Second)
		}
		states := []engine.DeliveryState{engine.Retrying, engine.GivenUp, engine.Rejected, engine.Accepted, engine.Pending}
		for i := range int64(10) {
			settle(i+1, states[i%5])
		}
		settle(1, engine.Accepted)  // after a retry
		settle(2, engine.Accepted)  // after it was given up
		settle(3, engine.Accepted)  // rejected: stays
		settle(12, engine.Rejected) // the last answer
		for _, do := range []func(context.Context, string, string) error{l.Retry, l.Drop} {
			for _, i := range []int{2, 3, 6, 9} {
				err := do(t.Context(), fmt.Sprint("event ", i), relay)
				if err != nil {
					t.Fatal(i, err)
				}
			}
		}
		if err := l.Retry(t.Context(), "event 3", relay); err != nil {
			t.Fatal(err)
		}
		tallied(t, l)
		<-time.After(3 * 24 * time.Hour)
		if n := count(t, l, "SELECT count(*) FROM event"); n != 5 {
			t.Errorf("%d events are left", n)
		}
		tallied(t, l)
		reports, err := l.RelayReports(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if r := reports[relay]; r.Answer != engine.Rejected || r.Reason != "rejected" || r.Owed != 4 {
			t.Errorf("the relay is %+v", r)
		}
	})
}

// tallied compares the tallies with what is counted.
func tallied(t *testing.T, l *Ledger) {
	t.Helper()
	lines := func(query string) (found []string) {
		err := l.read(t.Context(), func(c *sqlite.Conn) error {
			return exec(c, query, func(s *sqlite.Stmt) error {
				found = append(found, fmt.Sprint(s.ColumnText(0), " ", s.ColumnText(1), " ", s.ColumnText(2)))
				return nil
			})
		})
		if err != nil {
			t.Fatal(err)
		}
		return found
	}
	for got, want := range map[string]string{
		"SELECT name, what, count FROM tally WHERE about = 'relay' AND count <> 0 ORDER BY what": `SELECT relay, state, count(*)
			FROM delivery WHERE due IS NULL GROUP BY relay, state`,
		"SELECT name, what, sum(count) FROM tally WHERE about = 'rule' GROUP BY name, what": `SELECT rule, outcome, count(*)
			FROM decision GROUP BY rule, outcome`,
		"SELECT name, last > 0, '' FROM tally WHERE about = 'accepted'": "SELECT 'rule', 1, ''",
	} {
		if got, want := lines(got), lines(want); !slices.Equal(got, want) {
			t.Errorf("tallied are %q, counted %q", got, want)
		}
	}
}
