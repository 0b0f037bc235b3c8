package sqlite

import (
	"errors"
	"fmt"
	"time"

	"zombiezen.com/go/sqlite"
)

// exec runs a statement once, from the connection's cache. Row is called for each row and may be nil.
func exec(c *sqlite.Conn, query string, row func(*sqlite.Stmt) error, args ...any) (err error) {
	s, err := c.Prepare(query)
	if err != nil {
		return err
	}
	// Without a reset a reader would keep its snapshot of the file.
	defer func() {
		if e := s.Reset(); err == nil {
			err = e
		}
	}()
	for i, a := range args {
		switch a := a.(type) {
		case string:
			s.BindText(i+1, a)
		case int:
			s.BindInt64(i+1, int64(a))
		case int64:
			s.BindInt64(i+1, a)
		case nil:
			s.BindNull(i + 1)
		default:
			return fmt.Errorf("cannot bind a %T", a)
		}
	}
	for {
		more, err := s.Step()
		if err != nil || !more {
			return err
		}
		if row == nil {
			continue
		}
		if err := row(s); err != nil {
			return err
		}
	}
}

// number returns the first column of the first row, 0 without one.
func number(c *sqlite.Conn, query string, args ...any) (n int64, err error) {
	err = exec(c, query, func(s *sqlite.Stmt) error { n = s.ColumnInt64(0); return nil }, args...)
	return n, err
}

// millis is the stored form of a time, rounded up so that nothing is due too early.
func millis(t time.Time) int64 { return t.Add(time.Millisecond - 1).UnixMilli() }

// span is the stored form of a time span.
func span(d time.Duration) int64 { return d.Milliseconds() }

func spanOf(ms int64) time.Duration { return time.Duration(ms) * time.Millisecond }

// errNotBegun marks a fault before the first write, which is the same for the whole group.
var errNotBegun = errors.New("cannot begin")

func transaction(c *sqlite.Conn, do func(*sqlite.Conn) error) (err error) {
	if err := exec(c, "BEGIN IMMEDIATE", nil); err != nil {
		return fmt.Errorf("%w: %w", errNotBegun, err)
	}
	defer func() {
		// After some faults SQLite has rolled back already.
		if err != nil && !c.AutocommitEnabled() {
			err = errors.Join(err, exec(c, "ROLLBACK", nil))
		}
	}()
	if err := do(c); err != nil {
		return err
	}
	return exec(c, "COMMIT", nil)
}
