package sqlite

import (
	"errors"
	"fmt"
	"os"
	"sync"
	"time"

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
	// claims and counters know which ones are not in the file; filled is closed when they have been filled.
	claims   *filter[claimKey]
	counters *filter[int64]
	filled   chan struct{}

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

// Fault returns what is wrong with the state and since when: it is damaged, or cannot be written. Nil without a fault.
func (l *Ledger) Fault() (since time.Time, err error) {
	h := &l.writer.health
	h.mu.Lock()
	defer h.mu.Unlock()
	worst := h.fault
	if h.damage.err != nil {
		worst = h.damage
	}
	return worst.since, fault(l.path, worst.err)
}

// Advertise writes the address of the control socket beside the state file. The next process that opens the file
// removes it.
func (l *Ledger) Advertise(address string) error {
	if err := writeHolder(l.lockFile, address); err != nil {
		return fmt.Errorf("cannot write to the lock of the state file %s: %w", l.path, err)
	}
	return nil
}

// Close writes what is queued, runs the last checkpoint and releases the lock.
func (l *Ledger) Close() error {
	l.closing.Do(l.inspector.stop)
	if err := l.Reader.Close(); err != nil {
		return err
	}
	<-l.filled
	return fault(l.path, errors.Join(l.writer.stop(), release(l.lockFile)))
}
