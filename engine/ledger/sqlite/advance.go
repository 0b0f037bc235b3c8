package sqlite

import (
	"context"
	"errors"

	"zombiezen.com/go/sqlite"

	"rhea/engine"
)

// maxCached is how many positions are cached.
const maxCached = 4096

// Position returns how far a stream was read, including a queued position. Only this process writes the file, so each
// stream is read once.
func (l *Ledger) Position(ctx context.Context, stream string) (string, error) {
	if err := errors.Join(ctx.Err(), l.usable()); err != nil {
		return "", err
	}
	l.mu.Lock()
	value, known := l.cached[stream]
	if p := l.queued[stream]; p != nil {
		value, known = p.Value, true
	}
	moves := l.writes
	l.mu.Unlock()
	if known {
		return value, nil
	}
	value, err := l.Reader.Position(ctx, stream)
	if err != nil {
		return "", err
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.writes == moves {
		l.cache(stream, value)
	}
	return value, nil
}

// cache keeps the position of a stream in the file. The caller holds the lock.
func (l *Ledger) cache(stream, value string) {
	if len(l.cached) >= maxCached {
		clear(l.cached)
	}
	l.cached[stream] = value
}

// noteWritten notes a position that was written.
func (l *Ledger) noteWritten(p engine.Position) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.writes++
	l.cache(p.Stream, p.Value)
}

// Advance stores a position with the next commit or within a second, the first one of a stream at once.
func (l *Ledger) Advance(ctx context.Context, p engine.Position) error {
	before, err := l.Position(ctx, p.Stream)
	if err != nil {
		return err
	}
	if before == "" && p.Value != "" {
		return l.storeFirst(ctx, p)
	}
	l.mu.Lock()
	if queued := l.queued[p.Stream]; queued != nil && !queued.closed {
		queued.Position = p
		l.mu.Unlock()
		return nil
	}
	queued := &position{Position: p}
	l.queued[p.Stream] = queued
	l.mu.Unlock()
	err = l.writer.later(ctx, func(*sqlite.Conn) error {
		l.mu.Lock()
		defer l.mu.Unlock()
		queued.closed = true
		l.writer.setPosition(queued.Position)
		return nil
	}, func(err error) {
		if err == nil {
			l.noteWritten(queued.Position)
		}
		l.dequeue(p.Stream, queued)
	})
	if err != nil {
		l.dequeue(p.Stream, queued)
	}
	return fault(l.path, err)
}

// storeFirst stores the first position of a stream.
func (l *Ledger) storeFirst(ctx context.Context, p engine.Position) error {
	return fault(l.path, l.writer.commit(ctx, func(*sqlite.Conn) error {
		l.writer.setPosition(p)
		return nil
	}, func() { l.noteWritten(p) }))
}

// dequeue removes a position that is no longer queued.
func (l *Ledger) dequeue(stream string, p *position) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.queued[stream] == p {
		delete(l.queued, stream)
	}
}

// closeQueued makes the next Advance of the stream queue a new position behind the one that is queued now.
func (l *Ledger) closeQueued(stream string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if queued := l.queued[stream]; queued != nil {
		queued.closed = true
	}
}
