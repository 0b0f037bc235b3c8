package sqlite_test

import (
	"fmt"
	"path/filepath"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"rhea/engine"
	"rhea/engine/ledger"
	"rhea/engine/ledger/sqlite"
)

const day = 24 * time.Hour

// TestUpkeep lets a month pass. What need not be kept goes, what is owed or kept for ever stays.
func TestUpkeep(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		path := filepath.Join(t.TempDir(), "rhea.db")
		l, err := sqlite.Open(path, sqlite.Options{Events: 3 * day, History: ledger.Limits{Age: 5 * day}})
		check(t, err)
		defer closeOnce(t, l)
		for n := range int64(1200) {
			e := job(n)
			e.Deliveries = e.Deliveries[:1]
			e.Deliveries[0].Event.Content = fmt.Sprint(n)
			e.Keep = 2 * day
			if n%100 == 0 {
				e.Keep = 0
			}
			e.Position = &engine.Position{Stream: fmt.Sprint("stream ", n), Value: "1", Keep: e.Keep}
			_, err := l.Commit(t.Context(), e)
			check(t, err)
		}
		drainFor(t, l, time.Second, func(d engine.Delivery) engine.Settlement {
			switch d.Event.Content {
			case "7", "700":
				return engine.Settlement{State: engine.Retrying, Next: time.Now().Add(365 * day)}
			default:
				return engine.Settlement{State: engine.Accepted}
			}
		})
		wants := func(claims, deliveries, decisions int) {
			t.Helper()
			got := [3]int{}
			for n := range int64(1200) {
				seen, err := l.Seen(t.Context(), "rule", key(n))
				check(t, err)
				if seen {
					got[0]++
				}
			}
			for _, err := range l.Deliveries(t.Context()) {
				check(t, err)
				got[1]++
			}
			h, err := l.History(t.Context(), engine.HistoryQuery{Limit: 5000})
			check(t, err)
			got[2] = len(h)
			if want := [3]int{claims, deliveries, decisions}; got != want {
				t.Errorf("claims, deliveries, decisions = %v, want %v", got, want)
			}
		}
		<-time.After(2*day - time.Hour)
		wants(1200, 1200, 1200)
		<-time.After(4 * time.Hour)
		wants(12, 1200, 1200)
		// Two are owed, and the newest gives the next its number.
		<-time.After(day)
		wants(12, 3, 1200)
		<-time.After(3 * day)
		wants(12, 3, 0)
		// A claim that was forgotten is fresh again.
		for n, want := range map[int64]bool{1: true, 100: false} {
			if fresh, err := l.Commit(t.Context(), job(n)); err != nil || fresh != want {
				t.Errorf("commit %d = %v, %v", n, fresh, err)
			}
		}
		check(t, l.Close())
		if n := rows(t, path, "SELECT count(*) FROM claim"); n != 13 {
			t.Errorf("%d claims in the file, want 13", n)
		}
		if n := rows(t, path, "SELECT count(*) FROM position WHERE stream LIKE 'stream %'"); n != 12 {
			t.Errorf("%d positions in the file, want 12", n)
		}
	})
}

// TestCountersAge counts three entries at one instant and one much later. Only what is too old for any limit goes.
func TestCountersAge(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		l, err := sqlite.Open(filepath.Join(t.TempDir(), "rhea.db"), sqlite.Options{})
		check(t, err)
		defer closeOnce(t, l)
		start := time.Now().Add(-time.Second)
		for i, counters := range [][]string{{"a", "b", "a"}, {"a"}, {"c", "a"}} {
			if i == 2 {
				<-time.After(engine.CounterAge - 2*day)
			}
			_, err := l.Commit(t.Context(), engine.Entry{Rule: "r", Key: fmt.Sprint(i), Counters: counters})
			check(t, err)
		}
		counts := func(a, b, c int) {
			t.Helper()
			for name, want := range map[string]int{"a": a, "b": b, "c": c} {
				if times, err := l.Counted(t.Context(), name, start); err != nil || len(times) != want {
					t.Errorf("%s was counted %d times, %v; want %d", name, len(times), err, want)
				}
			}
		}
		counts(4, 1, 1)
		<-time.After(4 * day)
		counts(1, 0, 1)
	})
}

// TestHistoryCaps floods each class. The caps hold, each for its own.
func TestHistoryCaps(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		path := filepath.Join(t.TempDir(), "rhea.db")
		o := sqlite.Options{History: ledger.Limits{Fired: 300, Failed: 200, Other: 100}}
		l, err := sqlite.Open(path, o)
		check(t, err)
		defer func() { closeOnce(t, l) }()
		for round := range 4 {
			for _, outcome := range []engine.Outcome{engine.Fired, engine.ActionError, engine.ConditionFalse} {
				for i := range 250 {
					check(t, l.Record(t.Context(), engine.Decision{
						At: time.Now(), Rule: "r", Key: fmt.Sprint(round, i), Outcome: outcome,
					}))
					synctest.Wait()
				}
				<-time.After(2 * time.Second)
			}
			// The count must be taken up where an earlier process left it.
			check(t, l.Close())
			l, err = sqlite.Open(path, o)
			check(t, err)
		}
		caps := map[engine.Outcome]int{engine.Fired: 300, engine.ActionError: 200, engine.ConditionFalse: 100}
		for outcome, limit := range caps {
			h, err := l.History(t.Context(), engine.HistoryQuery{Outcome: outcome, Limit: 5000})
			check(t, err)
			if len(h) < limit || len(h) > limit+200 {
				t.Errorf("%d decisions with the outcome %s, cap %d", len(h), outcome, limit)
			}
			for i, d := range h[:limit] {
				if want := fmt.Sprint(3-i/250, 249-i%250); d.Key != want {
					t.Fatalf("decision %d with the outcome %s is %s, want %s", i, outcome, d.Key, want)
				}
			}
		}
	})
}

// TestNumbersRise lets everything that was ever published be forgotten while the bot waits for relays. What it commits
// then is delivered.
func TestNumbersRise(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		l, err := sqlite.Open(filepath.Join(t.TempDir(), "rhea.db"), sqlite.Options{Events: day})
		check(t, err)
		defer closeOnce(t, l)
		commit := func(n int64) {
			e := job(n)
			e.Deliveries = e.Deliveries[:1]
			_, err := l.Commit(t.Context(), e)
			check(t, err)
		}
		commit(1)
		time.AfterFunc(3*day, func() { commit(2) })
		var delivered []string
		drainFor(t, l, 4*day, func(d engine.Delivery) engine.Settlement {
			delivered = append(delivered, d.Event.Content)
			return engine.Settlement{State: engine.Accepted}
		})
		if want := job(2).Deliveries[0].Event.Content; !slices.Contains(delivered, want) {
			t.Errorf("delivered %q, and never %q", delivered, want)
		}
	})
}
