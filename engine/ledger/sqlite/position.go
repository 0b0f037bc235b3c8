package sqlite

import (
	"context"
	"errors"

	"zombiezen.com/go/sqlite"

	"rhea/engine"
)

// maxKnown is how many positions are kept in memory.
const maxKnown = 4096

// position is a queued position. A later one of the same stream takes its place until it is being written.
type position struct {
	value   string
	writing bool
}

// Position returns how far a stream was read, also when that is not in the file yet. Nobody else writes the file, so
// it is read once for each stream.
func (l *Ledger) Position(ctx context.Context, stream string) (string, error) {
	if err := errors.Join(ctx.Err(), l.usable()); err != nil {
		return "", err
	}
	l.mu.Lock()
	value, known := l.known[stream]
	if p := l.ahead[stream]; p != nil {
		value, known = p.value, true
	}
	moves := l.moves
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
	if l.moves == moves {
		l.know(stream, value)
	}
	return value, nil
}

// know keeps what the file says of a stream. The caller holds the lock.
func (l *Ledger) know(stream, value string) {
	if len(l.known) >= maxKnown {
		clear(l.known)
	}
	l.known[stream] = value
}

// moved notes what was written.
func (l *Ledger) moved(p engine.Position) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.moves++
	l.know(p.Stream, p.Value)
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
	err := l.writer.later(ctx, func(*sqlite.Conn) error {
		l.mu.Lock()
		defer l.mu.Unlock()
		queued.writing = true
		l.writer.move(p.Stream, queued.value)
		return nil
	}, func(err error) {
		if err == nil {
			l.moved(engine.Position{Stream: p.Stream, Value: queued.value})
		}
		l.landed(p.Stream, queued)
	})
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
