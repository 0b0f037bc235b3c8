package sqlite

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/nbd-wtf/go-nostr"
	"zombiezen.com/go/sqlite"

	"rhea/engine"
	"rhea/engine/ledger"
)

// TestGroup puts good writes and bad ones into one group. Each must get its own answer.
func TestGroup(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		l := openHere(t, Options{})
		release := hold(l)
		var all sync.WaitGroup
		for i := range 100 {
			all.Go(func() {
				if _, err := l.Commit(t.Context(), owing(fmt.Sprint(i%40))); err != nil {
					t.Errorf("commit %d: %v", i, err)
				}
			})
			if i%10 == 0 {
				all.Go(func() {
					err := l.writer.submit(t.Context(), func(c *sqlite.Conn) error {
						l.writer.setPosition(engine.Position{Stream: "s", Value: "from a bad write"})
						return exec(c, "INSERT INTO position VALUES (NULL, NULL, NULL)", nil)
					})
					if sqlite.ErrCode(err).ToPrimary() != sqlite.ResultConstraint {
						t.Errorf("the bad write got %v", err)
					}
				})
			}
		}
		synctest.Wait()
		release()
		all.Wait()
		if p, err := l.Position(t.Context(), "s"); err != nil || p != "" {
			t.Errorf("position = %q, %v", p, err)
		}
		if n := count(t, l, "SELECT count(*) FROM event"); n != 40 {
			t.Errorf("%d events, want 40", n)
		}
	})
}

// TestGatherReady has callers on a busy core commit while a write is being gathered, half of them woken by others. They
// must come into its group. Not parallel, because it takes all cores but one away.
func TestGatherReady(t *testing.T) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	w := &writer{writes: make(chan write, maxQueue)}
	for range 32 {
		woken := make(chan struct{})
		go func() { <-woken; w.writes <- write{} }()
		go func() { w.writes <- write{}; close(woken) }()
	}
	if n := len(w.gatherReady(nil)); n < 16 {
		t.Errorf("%d of 64 writes came into the group", n)
	}
}

// TestPositionOrder queues positions of all kinds behind a busy writer. The last one must win and be read at once.
func TestPositionOrder(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		l := openHere(t, Options{})
		begin(t, l)
		release := hold(l)
		var all sync.WaitGroup
		for i := range 50 {
			value := fmt.Sprintf("%02d", i)
			if i%7 == 3 {
				e := owing(value)
				e.Position = &engine.Position{Stream: "s", Value: value}
				all.Go(func() {
					if _, err := l.Commit(t.Context(), e); err != nil {
						t.Error(err)
					}
				})
				synctest.Wait()
				continue
			}
			if err := l.Advance(t.Context(), engine.Position{Stream: "s", Value: value}); err != nil {
				t.Error(err)
			}
			if p, err := l.Position(t.Context(), "s"); err != nil || p != value {
				t.Errorf("position = %q, %v; want %s", p, err, value)
			}
		}
		release()
		all.Wait()
		<-time.After(2 * lazyFor)
		if p, err := l.Reader.Position(t.Context(), "s"); err != nil || p != "49" {
			t.Errorf("position in the file = %q, %v", p, err)
		}
		l.mu.Lock()
		defer l.mu.Unlock()
		if len(l.queued) != 0 {
			t.Errorf("%d positions are still queued", len(l.queued))
		}
	})
}

// TestDiskFull fills the file to a limit. Commits must fail whole, and work again when there is room.
func TestDiskFull(t *testing.T) {
	t.Parallel()
	l := openHere(t, Options{})
	limit := func(pages int) {
		err := l.writer.submit(t.Context(), func(c *sqlite.Conn) error {
			_, err := number(c, fmt.Sprintf("PRAGMA max_page_count = %d", pages))
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	limit(40)
	stored, full := 0, 0
	for i := range 300 {
		e := owing(fmt.Sprint(i))
		e.Decision.Reason = strings.Repeat("x", 900)
		switch fresh, err := l.Commit(t.Context(), e); {
		case err == nil && fresh:
			stored++
		case err != nil && strings.Contains(err.Error(), "is full"):
			full++
			if seen, err := l.Seen(t.Context(), e.Rule, e.Key); err != nil || seen {
				t.Errorf("%s failed and is known: %v, %v", e.Key, seen, err)
			}
		default:
			t.Errorf("commit %d = %v, %v", i, fresh, err)
		}
	}
	for _, table := range []string{"claim", "event", "delivery", "decision"} {
		if n := count(t, l, "SELECT count(*) FROM "+table); n != int64(stored) {
			t.Errorf("%d rows of %s for %d commits", n, table, stored)
		}
	}
	if stored == 0 || full == 0 {
		t.Fatalf("%d stored, %d refused", stored, full)
	}
	limit(100_000)
	for i := range 300 {
		fresh, err := l.Commit(t.Context(), owing(fmt.Sprint(i)))
		if err != nil {
			t.Fatal(err)
		}
		if fresh {
			stored++
		}
	}
	if stored != 300 {
		t.Errorf("%d stored in the end, want 300", stored)
	}
}

// TestLazyFault loses a lazy write. Somebody must be told.
func TestLazyFault(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		l := openHere(t, Options{})
		begin(t, l)
		bad := errors.New("bad")
		if err := l.writer.later(t.Context(), func(*sqlite.Conn) error { return bad }, func(error) {}); err != nil {
			t.Fatal(err)
		}
		<-time.After(2 * lazyFor)
		if err := l.Advance(t.Context(), engine.Position{Stream: "s", Value: "1"}); !errors.Is(err, bad) {
			t.Errorf("the next lazy write got %v", err)
		}
		if err := l.Advance(t.Context(), engine.Position{Stream: "s", Value: "1"}); err != nil {
			t.Errorf("the one after it got %v", err)
		}
	})
}

// TestCheckpoint tells the writer that its log is long. It must be folded in beside the commits and start over, also when
// commits go on meanwhile.
func TestCheckpoint(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		l := openHere(t, Options{})
		grow := func(change func(*checkpointer)) {
			for i := range 100 {
				if _, err := l.Commit(t.Context(), owing(fmt.Sprint(time.Now(), i))); err != nil {
					t.Fatal(err)
				}
			}
			err := l.writer.submit(t.Context(), func(*sqlite.Conn) error { change(l.writer.checkpoint); return nil })
			if err != nil {
				t.Fatal(err)
			}
			synctest.Wait()
			<-time.After(time.Second)
		}
		pages := func() (n int64) {
			n, err := checkpoint(l.writer.checkpoint.conn, "PRAGMA wal_checkpoint(PASSIVE)")
			if err != nil {
				t.Fatal(err)
			}
			return n
		}
		due := func(c *checkpointer) { c.pages = checkpointAt }
		grow(due)
		once := pages()
		for range 5 {
			grow(due)
		}
		if n := pages(); once < 100 || n > once*3/2 {
			t.Errorf("the log has %d pages after one round and %d after six", once, n)
		}
		for _, length := range []int64{1, restartAt + 1} {
			grow(func(c *checkpointer) { c.copied.Store(length) }) // As if a checkpoint had ended just now.
			if _, err := l.Commit(t.Context(), owing(fmt.Sprint("last of ", length))); err != nil {
				t.Fatal(err)
			}
			if n := pages(); n > 50 {
				t.Errorf("the log has %d pages after it started over", n)
			}
		}
	})
}

// TestIndexes checks that what runs often walks along an index and sorts nothing big.
func TestIndexes(t *testing.T) {
	t.Parallel()
	l := openHere(t, Options{})
	for _, c := range []struct{ query, want string }{
		{dueQuery, "delivery_owed (relay=? AND due=?)"},
		{dueQuery, "delivery_owed (relay=? AND due>? AND due<?)"},
		{"SELECT min(due) FROM delivery WHERE relay = ? AND due IS NOT NULL", "delivery_owed (relay=? AND due>?)"},
		{"SELECT seq FROM decision WHERE class = ? AND at < ? ORDER BY at LIMIT ?", "decision_class (class=? AND at<?)"},
		{"SELECT rule, key, until FROM claim WHERE (rule, key) > (?, ?) ORDER BY rule, key LIMIT ?", "PRIMARY KEY"},
	} {
		plan := ""
		err := l.read(t.Context(), func(conn *sqlite.Conn) error {
			return exec(conn, "EXPLAIN QUERY PLAN "+c.query, func(s *sqlite.Stmt) error {
				plan += s.ColumnText(3) + "\n"
				return nil
			})
		})
		if err != nil || !strings.Contains(plan, c.want) {
			t.Errorf("%s\n%swants %s, %v", c.query, plan, c.want, err)
		}
	}
}

func openHere(t *testing.T, o Options) *Ledger {
	t.Helper()
	l, err := Open(filepath.Join(t.TempDir(), "rhea.db"), o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := l.Close(); err != nil && !errors.Is(err, ledger.ErrClosed) {
			t.Errorf("close: %v", err)
		}
	})
	return l
}

// hold keeps the writer busy until release is called.
func hold(l *Ledger) (release func()) {
	busy := make(chan struct{})
	go func() {
		_ = l.writer.submit(context.Background(), func(*sqlite.Conn) error { <-busy; return nil })
	}()
	synctest.Wait()
	return func() { close(busy) }
}

func count(t *testing.T, l *Ledger, query string) (n int64) {
	t.Helper()
	err := l.read(t.Context(), func(c *sqlite.Conn) (err error) {
		n, err = number(c, query)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// owing is an entry that owes one event to one relay.
func owing(key string) engine.Entry {
	now := time.Now()
	return engine.Entry{
		Rule: "rule", Key: key,
		Decision: engine.Decision{At: now, Rule: "rule", Key: key, Outcome: engine.Fired},
		Deliveries: []engine.Delivery{
			{Rule: "rule", Relay: "wss://a.example", Event: nostr.Event{ID: key, Content: key}, Committed: now},
		},
	}
}

// begin stores the first position of the stream "s", so that the next ones may be lazy.
func begin(t *testing.T, l *Ledger) {
	t.Helper()
	if err := l.Advance(t.Context(), engine.Position{Stream: "s", Value: "begun"}); err != nil {
		t.Fatal(err)
	}
}
