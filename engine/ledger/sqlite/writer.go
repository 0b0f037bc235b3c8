package sqlite

import (
	"context"
	"errors"
	"runtime"
	"slices"
	"sync"
	"time"

	"zombiezen.com/go/sqlite"

	"rhea/engine"
	"rhea/engine/ledger"
)

const (
	// maxQueue is how many writes may be queued before callers have to wait.
	maxQueue = 1024
	// maxGroup is how many writes share a transaction.
	maxGroup = 256
	// lazyFor is how long a lazy write may wait for others.
	lazyFor = time.Second
)

// probeEvery is how often a state that could not be written is probed, also when there is nothing to store.
const probeEvery = 15 * time.Second

// write is one change of the state. do may run twice: with others in one transaction and, when that fails, alone.
type write struct {
	do func(*sqlite.Conn) error
	// done gets the result.
	done func(error)
	// by is until when the write may wait for others, the zero time when a caller waits for it.
	by time.Time
}

// writer owns the only connection that changes the state.
type writer struct {
	conn       *sqlite.Conn
	checkpoint *checkpointer
	upkeep     *upkeep
	writes     chan write
	quit       chan struct{}
	ended      chan struct{}
	// freeMemory ends holdMemory.
	freeMemory func()
	// positions are those of the transaction under way; only the last one of each stream is written.
	positions map[string]engine.Position
	health    health

	// sending is held by those who queue a write, so that none is queued after closed was set.
	sending sync.RWMutex
	closed  bool

	mu sync.Mutex
	// lazy is the fault of a lazy write that was not returned to a caller yet.
	lazy error
}

func newWriter(c *sqlite.Conn, checkpoint *checkpointer, o Options) *writer {
	w := &writer{
		conn: c, checkpoint: checkpoint, upkeep: newUpkeep(o),
		writes: make(chan write, maxQueue), quit: make(chan struct{}), ended: make(chan struct{}),
		positions: make(map[string]engine.Position),
	}
	w.freeMemory = holdMemory()
	go w.run()
	return w
}

// submit waits until the change is on the disk. Once it is queued, ctx is ignored, so that the result is the true one.
func (w *writer) submit(ctx context.Context, do func(*sqlite.Conn) error) error {
	return w.commit(ctx, do, func() {})
}

// commit is submit, and calls landed when the change is on the disk, in the order of the writes.
func (w *writer) commit(ctx context.Context, do func(*sqlite.Conn) error, landed func()) error {
	answer := make(chan error, 1)
	done := func(err error) {
		if err == nil {
			landed()
		}
		answer <- err
	}
	if err := w.send(ctx, write{do: do, done: done}); err != nil {
		return err
	}
	return <-answer
}

// later queues a lazy write and calls landed when it is no longer queued. It returns the fault of an earlier one, once.
func (w *writer) later(ctx context.Context, do func(*sqlite.Conn) error, landed func(error)) error {
	done := func(err error) {
		if err != nil {
			w.mu.Lock()
			w.lazy = err
			w.mu.Unlock()
		}
		landed(err)
	}
	if err := w.send(ctx, write{do: do, done: done, by: time.Now().Add(lazyFor)}); err != nil {
		return err
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	err := w.lazy
	w.lazy = nil
	return err
}

// full reports whether a lazy write would have to wait.
func (w *writer) full() bool { return len(w.writes) >= maxQueue/2 }

// send queues a write. Its done is called in any case then.
func (w *writer) send(ctx context.Context, wr write) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	w.sending.RLock()
	defer w.sending.RUnlock()
	if w.closed {
		return ledger.ErrClosed
	}
	select {
	case w.writes <- wr:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// stop writes what is queued and closes the connection.
func (w *writer) stop() error {
	w.sending.Lock()
	w.closed = true
	w.sending.Unlock()
	close(w.quit)
	<-w.ended
	err := w.checkpoint.stop()
	w.freeMemory()
	w.mu.Lock()
	defer w.mu.Unlock()
	return errors.Join(w.lazy, err, w.conn.Close())
}

func (w *writer) run() {
	defer close(w.ended)
	flush, care, probe := time.NewTimer(lazyFor), time.NewTimer(upkeepEvery), time.NewTicker(probeEvery)
	defer flush.Stop()
	defer care.Stop()
	defer probe.Stop()
	var group []write
	for {
		ripe := false
		select {
		case wr := <-w.writes:
			group = w.gather(append(group, wr))
			by := due(group)
			if ripe = by.IsZero() || len(group) >= maxGroup; ripe {
				group = w.gatherReady(group)
			} else {
				flush.Reset(time.Until(by))
			}
		case <-flush.C:
			ripe = true
		case <-care.C:
			pause, err := w.upkeep.slice(w.conn)
			w.health.note(err)
			care.Reset(pause)
		case <-probe.C:
			if w.health.hasFault() {
				w.probe()
			}
		case <-w.quit:
			w.finish(group)
			return
		}
		if ripe {
			w.writeGroup(group)
			group = group[:0]
		}
	}
}

// gather adds further queued writes, up to maxGroup.
func (w *writer) gather(group []write) []write {
	for len(group) < maxGroup {
		select {
		case wr := <-w.writes:
			group = append(group, wr)
		default:
			return group
		}
	}
	return group
}

// gatherReady lets others go first, twice, and adds what they queue. A caller's send wakes the writer at once, before
// other goroutines that are about to commit; the second time is for those that the first ones have woken. When nothing
// else can run, this does not wait.
func (w *writer) gatherReady(group []write) []write {
	for range 2 {
		runtime.Gosched()
		group = w.gather(group)
	}
	return group
}

func (w *writer) finish(group []write) {
	for {
		group = w.gather(group)
		if len(group) == 0 {
			return
		}
		w.writeGroup(group)
		group = group[:0]
	}
}

// due is until when a group may wait for others, the zero time when a caller waits for one of it.
func due(group []write) time.Time {
	return slices.MinFunc(group, func(a, b write) int { return a.by.Compare(b.by) }).by
}

// writeGroup writes a group in one transaction or, when one of its writes fails, each in its own, and passes on the
// results.
func (w *writer) writeGroup(group []write) {
	if len(group) == 0 {
		return
	}
	err := w.transaction(group...)
	alone := err != nil && len(group) > 1 && !errors.Is(err, errNotBegun)
	for _, wr := range group {
		if alone {
			err = w.transaction(wr)
		}
		w.health.note(err)
		wr.done(err)
	}
	w.checkpoint.noteGroup(w.conn, len(group))
}

// probe stores something that needs room, and removes it again.
func (w *writer) probe() {
	for _, change := range []string{
		"INSERT OR REPLACE INTO position (stream, value, until) VALUES ('probe', hex(zeroblob(8192)), 0)",
		"DELETE FROM position WHERE stream = 'probe'",
	} {
		err := transaction(w.conn, func(c *sqlite.Conn) error { return exec(c, change, nil) })
		if err != nil {
			w.health.note(err)
			return
		}
	}
	w.health.clearFault()
}

// setPosition makes the current transaction store a position.
func (w *writer) setPosition(p engine.Position) { w.positions[p.Stream] = p }

// transaction writes a group, the last position of each of its streams and what it adds up to, all or nothing.
func (w *writer) transaction(group ...write) error {
	clear(w.positions)
	clear(w.upkeep.tallies)
	return transaction(w.conn, func(c *sqlite.Conn) error {
		for _, wr := range group {
			if err := wr.do(c); err != nil {
				return err
			}
		}
		for _, p := range w.positions {
			if err := storePosition(c, p); err != nil {
				return err
			}
		}
		return w.upkeep.tallies.store(c)
	})
}
