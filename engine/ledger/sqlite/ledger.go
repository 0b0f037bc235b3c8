package sqlite

import (
	"context"
	"errors"
	"os"
	"sync"

	"zombiezen.com/go/sqlite"

	"rhea/engine"
	"rhea/engine/ledger"
)

var (
	_ engine.Ledger  = (*Ledger)(nil)
	_ engine.Journal = (*Ledger)(nil)
	_ ledger.Queue   = (*Ledger)(nil)
	_ ledger.Outbox  = (*Ledger)(nil)
)

// Ledger is an [engine.Ledger] in one file. Make one with [Open].
type Ledger struct {
	*Reader
	writer  *writer
	drainer *ledger.Drainer
	held    *os.File

	mu sync.Mutex
	// ahead holds the latest queued position of each stream until it is in the file.
	ahead map[string]*position
}

// position is a queued position. A later one of the same stream takes its place until it is being written.
type position struct {
	value   string
	writing bool
}

// Close writes what is queued, folds the log into the file and lets another process have it.
func (l *Ledger) Close() error {
	if err := l.Reader.Close(); err != nil {
		return err
	}
	return fault(l.path, errors.Join(l.writer.stop(), release(l.held)))
}

// Position returns how far a stream was read, also when that is not in the file yet.
func (l *Ledger) Position(ctx context.Context, stream string) (string, error) {
	l.mu.Lock()
	if p := l.ahead[stream]; p != nil {
		defer l.mu.Unlock()
		return p.value, nil
	}
	l.mu.Unlock()
	return l.Reader.Position(ctx, stream)
}

// Advance stores a position with the next commit or within a second.
func (l *Ledger) Advance(ctx context.Context, p engine.Position) error {
	l.mu.Lock()
	if queued := l.ahead[p.Stream]; queued != nil && !queued.writing {
		queued.value = p.Value
		l.mu.Unlock()
		return nil
	}
	queued := &position{value: p.Value}
	l.ahead[p.Stream] = queued
	l.mu.Unlock()
	err := l.writer.later(ctx, func(c *sqlite.Conn) error {
		l.mu.Lock()
		queued.writing = true
		value := queued.value
		l.mu.Unlock()
		return setPosition(c, p.Stream, value)
	}, func() { l.landed(p.Stream, queued) })
	if err != nil {
		l.landed(p.Stream, queued)
	}
	return fault(l.path, err)
}

// landed forgets a position that is no longer queued.
func (l *Ledger) landed(stream string, p *position) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.ahead[stream] == p {
		delete(l.ahead, stream)
	}
}

// overtake makes the next Advance of the stream queue behind what is queued now.
func (l *Ledger) overtake(stream string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	delete(l.ahead, stream)
}

func setPosition(c *sqlite.Conn, stream, value string) error {
	return exec(c, "INSERT INTO position VALUES (?, ?) ON CONFLICT DO UPDATE SET value = excluded.value", nil, stream, value)
}
