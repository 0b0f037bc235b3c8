package sqlite

import (
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"zombiezen.com/go/sqlite"

	"rhea/engine"
)

// full makes the file take no more pages, as a full disk does; 0 gives it room again.
func full(t *testing.T, l *Ledger, pages int) {
	t.Helper()
	if pages == 0 {
		pages = 1 << 30
	}
	err := l.writer.submit(t.Context(), func(c *sqlite.Conn) error {
		return exec(c, fmt.Sprintf("PRAGMA max_page_count = %d", pages), nil)
	})
	if err != nil {
		t.Fatal(err)
	}
}

// TestFault fills the disk. The ledger says so from the first write that fails, whoever made it, and does not take
// what happens to fit for the end of it; it finds out by itself when there is room again.
func TestFault(t *testing.T) {
	t.Parallel()
	for _, lazy := range []bool{false, true} {
		t.Run(fmt.Sprintf("lazy %v", lazy), func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				l := openHere(t, Options{})
				if err := l.Advance(t.Context(), engine.Position{Stream: "s", Value: "1"}); err != nil {
					t.Fatal(err)
				}
				if _, err := l.Fault(); err != nil {
					t.Fatalf("before: %v", err)
				}
				full(t, l, 1)
				began := time.Now()
				large := engine.Position{Stream: "s", Value: strings.Repeat("x", 100_000)}
				if lazy {
					_ = l.Advance(t.Context(), large) // Nobody waits for the answer.
					<-time.After(2 * lazyFor)
				} else if err := l.writer.submit(t.Context(), func(c *sqlite.Conn) error { return storePosition(c, large) }); err == nil {
					t.Fatal("there was room")
				}
				since, err := l.Fault()
				if err == nil || !strings.Contains(err.Error(), "is full") || since.Before(began) {
					t.Fatalf("since %s: %v", since, err)
				}
				if err := l.writer.submit(t.Context(), func(*sqlite.Conn) error { return nil }); err != nil {
					t.Fatal(err)
				}
				<-time.After(10 * probeEvery)
				if again, err := l.Fault(); err == nil || !again.Equal(since) {
					t.Errorf("after a write that needs no room: since %s, %v", again, err)
				}
				full(t, l, 0)
				_ = l.Advance(t.Context(), large) // It returns the fault of the lazy one.
				<-time.After(2 * probeEvery)
				if since, err := l.Fault(); err != nil || !since.IsZero() {
					t.Errorf("with room again: since %s, %v", since, err)
				}
				if left, err := l.Reader.Position(t.Context(), "probe"); err != nil || left != "" {
					t.Errorf("the probe left %d bytes (%v)", len(left), err)
				}
			})
		})
	}
}

// TestUpkeepReportsItsFault makes the file read-only under upkeep's hands, while nobody else writes.
func TestUpkeepReportsItsFault(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		l := openHere(t, Options{})
		err := l.writer.submit(t.Context(), func(c *sqlite.Conn) error { return exec(c, "PRAGMA query_only = ON", nil) })
		if err != nil {
			t.Fatal(err)
		}
		<-time.After(upkeepEvery - time.Second)
		if _, err := l.Fault(); err != nil {
			t.Fatalf("before upkeep: %v", err)
		}
		<-time.After(2 * time.Second)
		if _, err := l.Fault(); err == nil {
			t.Error("the ledger says nothing of it")
		}
	})
}

// TestUpkeepUnderAClockThatIsAhead sets the clock a year ahead for some hours: nothing is forgotten that the right clock
// would keep, also not over a restart. Later the round catches up.
func TestUpkeepUnderAClockThatIsAhead(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		l := openHere(t, Options{})
		ahead := func(by time.Duration) {
			t.Helper()
			if err := l.writer.submit(t.Context(), func(*sqlite.Conn) error {
				l.writer.upkeep.now = func() time.Time { return time.Now().Add(by) }
				return nil
			}); err != nil {
				t.Fatal(err)
			}
		}
		e := owing("1")
		e.Keep = 30 * 24 * time.Hour
		if fresh, err := l.Commit(t.Context(), e); err != nil || !fresh {
			t.Fatal(fresh, err)
		}
		claims := func() (n int64) {
			t.Helper()
			if err := l.writer.submit(t.Context(), func(c *sqlite.Conn) (err error) {
				n, err = number(c, "SELECT count(*) FROM claim")
				return err
			}); err != nil {
				t.Fatal(err)
			}
			return n
		}
		<-time.After(upkeepEvery + time.Minute)
		ahead(365 * 24 * time.Hour)
		<-time.After(5 * upkeepEvery)
		if claims() != 1 {
			t.Error("a clock that is ahead for some hours made the ledger forget")
		}
		ahead(0)
		<-time.After(29 * 24 * time.Hour)
		if claims() != 1 {
			t.Error("forgotten too soon")
		}
		<-time.After(2 * 24 * time.Hour)
		if claims() != 0 {
			t.Error("never forgotten")
		}
	})
}
