package sqlite

import (
	"context"
	"errors"
	"sync"
	"time"

	"zombiezen.com/go/sqlite"

	"rhea/engine/ledger"
)

// maxReaders is how many connections read at once.
const maxReaders = 4

// Reader reads a state file, also one that a bot is running on.
type Reader struct {
	path string
	idle chan *sqlite.Conn
	quit chan struct{}
	// note gets the result of each read.
	note func(error)

	mu     sync.Mutex
	opened int
	closed bool
}

func newReader(path string) *Reader {
	return &Reader{path: path, idle: make(chan *sqlite.Conn, maxReaders), quit: make(chan struct{}), note: func(error) {}}
}

// Close releases the file.
func (r *Reader) Close() error {
	r.mu.Lock()
	if r.closed {
		r.mu.Unlock()
		return ledger.ErrClosed
	}
	r.closed = true
	close(r.quit)
	opened := r.opened
	r.mu.Unlock()
	var err error
	for range opened {
		err = errors.Join(err, (<-r.idle).Close())
	}
	return err
}

// read calls do with a connection of its own.
func (r *Reader) read(ctx context.Context, do func(*sqlite.Conn) error) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	c, err := r.get(ctx)
	if err != nil {
		return err
	}
	defer func() { r.idle <- c }()
	err = do(c)
	r.note(err)
	return fault(r.path, err)
}

func (r *Reader) get(ctx context.Context) (*sqlite.Conn, error) {
	if err := r.usable(); err != nil {
		return nil, err
	}
	select {
	case c := <-r.idle:
		return c, nil
	default:
	}
	if c, err := r.openAnother(); c != nil || err != nil {
		return c, err
	}
	select {
	case c := <-r.idle:
		return c, nil
	case <-r.quit:
		return nil, ledger.ErrClosed
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// usable returns an error after Close.
func (r *Reader) usable() error {
	select {
	case <-r.quit:
		return ledger.ErrClosed
	default:
		return nil
	}
}

// openAnother opens one more connection; nil when there are enough.
func (r *Reader) openAnother() (*sqlite.Conn, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.closed {
		return nil, ledger.ErrClosed
	}
	if r.opened == maxReaders {
		return nil, nil
	}
	c, err := connect(r.path, sqlite.OpenReadOnly)
	if err != nil {
		return nil, err
	}
	r.opened++
	return c, nil
}

// Seen reports whether (rule, key) was claimed.
func (r *Reader) Seen(ctx context.Context, rule, key string) (seen bool, err error) {
	err = r.read(ctx, func(c *sqlite.Conn) error {
		return exec(c, "SELECT until FROM claim WHERE rule = ? AND key = ?", func(s *sqlite.Stmt) error {
			seen = s.ColumnIsNull(0) || s.ColumnInt64(0) > time.Now().UnixMilli()
			return nil
		}, rule, key)
	})
	return seen, err
}

// Position returns how far a stream was read, "" when never.
func (r *Reader) Position(ctx context.Context, stream string) (value string, err error) {
	err = r.read(ctx, func(c *sqlite.Conn) error {
		return exec(c, "SELECT value FROM position WHERE stream = ?", func(s *sqlite.Stmt) error {
			value = s.ColumnText(0)
			return nil
		}, stream)
	})
	return value, err
}
