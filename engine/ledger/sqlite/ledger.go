package sqlite

import (
	"errors"
	"os"
	"sync"

	"rhea/engine"
	"rhea/engine/ledger"
)

var (
	_ engine.Ledger  = (*Ledger)(nil)
	_ engine.Journal = (*Ledger)(nil)
	_ ledger.Queue   = (*Ledger)(nil)
	_ ledger.Outbox  = (*Ledger)(nil)
	_ ledger.Reader  = (*Reader)(nil)
)

// Ledger is an [engine.Ledger] in one file. Make one with [Open].
type Ledger struct {
	*Reader
	writer    *writer
	inspector *inspector
	drainer   *ledger.Drainer
	lockFile  *os.File

	closing sync.Once

	mu sync.Mutex
	// queued holds the latest queued position of each stream until it is in the file.
	queued map[string]*position
	// cached holds positions of the file that were asked for: a rule asks at each signal whether it is paused.
	cached map[string]string
	// writes counts the positions that were written.
	writes int
}

// View reads what is in the file, and waits for nothing that is queued. It closes with the ledger.
func (l *Ledger) View() ledger.Reader { return l.Reader }

// Close writes what is queued, runs the last checkpoint and releases the lock.
func (l *Ledger) Close() error {
	l.closing.Do(l.inspector.stop)
	if err := l.Reader.Close(); err != nil {
		return err
	}
	return fault(l.path, errors.Join(l.writer.stop(), release(l.lockFile)))
}
