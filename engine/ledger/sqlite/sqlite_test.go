package sqlite_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	sqlite3 "zombiezen.com/go/sqlite"
	"zombiezen.com/go/sqlite/sqlitex"

	"rhea/engine"
	"rhea/engine/enginetest"
	"rhea/engine/ledger"
	"rhea/engine/ledger/sqlite"
)

func TestLedger(t *testing.T) {
	t.Parallel()
	enginetest.Ledger(t, func(t testing.TB) enginetest.LedgerStore {
		return &store{t: t, path: filepath.Join(t.TempDir(), "rhea.db")}
	})
}

// store is a state file. A crash leaves a copy of the files as they are on the disk at that instant.
type store struct {
	t       testing.TB
	path    string
	crashes int
}

func (s *store) Open() (engine.Ledger, error) {
	l, err := sqlite.Open(s.path, sqlite.Options{})
	if err != nil {
		return nil, err
	}
	s.t.Cleanup(func() { closeOnce(s.t, l) })
	return l, nil
}

func (s *store) Crash() error {
	s.crashes++
	path := filepath.Join(s.t.TempDir(), fmt.Sprintf("rhea%d.db", s.crashes))
	for _, part := range []string{"", "-wal"} {
		content, err := os.ReadFile(s.path + part)
		if err != nil {
			return err
		}
		if err := os.WriteFile(path+part, content, 0o600); err != nil {
			return err
		}
	}
	s.path = path
	return nil
}

func closeOnce(t testing.TB, l *sqlite.Ledger) {
	if err := l.Close(); err != nil && !errors.Is(err, ledger.ErrClosed) {
		t.Errorf("close: %v", err)
	}
}

// drainFor drains l for a span of time.
func drainFor(t *testing.T, l *sqlite.Ledger, span time.Duration, deliver func(engine.Delivery) engine.Settlement) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), span)
	defer cancel()
	err := l.Drain(ctx, nil, func(_ context.Context, d engine.Delivery, _ func()) engine.Settlement { return deliver(d) })
	check(t, err)
}

// rows returns the number that a query finds in a file nobody has open.
func rows(t *testing.T, path, query string) (n int64) {
	t.Helper()
	c, err := sqlite3.OpenConn(path, sqlite3.OpenReadOnly)
	check(t, err)
	check(t, sqlitex.ExecuteTransient(c, query, &sqlitex.ExecOptions{ResultFunc: func(s *sqlite3.Stmt) error {
		n = s.ColumnInt64(0)
		return nil
	}}))
	check(t, c.Close())
	return n
}
