package ledger

import (
	"context"
	"sync"
	"time"
)

const (
	// batchDelay is how long a settlement may wait for others. After a crash in that time a relay is only sent the same
	// bytes again.
	batchDelay = 20 * time.Millisecond
	// maxUnstored is how many settlements of one relay may wait.
	maxUnstored = 256
)

// settlementWriter collects settlements of all relays, so that many are stored in one transaction.
type settlementWriter struct {
	queue Queue
	added chan struct{}
	// urgent has an entry when a caller is waiting.
	urgent chan struct{}
	quit   chan struct{}
	done   chan struct{}
	// failed is closed at the first fault. Nothing is stored after it.
	failed chan struct{}

	mu       sync.Mutex
	tries    []Settled
	backlogs []*backlog
	err      error
}

func newSettlementWriter(q Queue) *settlementWriter {
	w := &settlementWriter{
		queue: q, added: make(chan struct{}, 1), urgent: make(chan struct{}, 1), quit: make(chan struct{}),
		done: make(chan struct{}), failed: make(chan struct{}),
	}
	go w.run()
	return w
}

// stop stores what is left and returns the first fault.
func (w *settlementWriter) stop() error {
	close(w.quit)
	<-w.done
	return w.err
}

// add takes a settlement of a delivery.
func (w *settlementWriter) add(t Settled, b *backlog) {
	b.addUnstored()
	w.mu.Lock()
	w.tries = append(w.tries, t)
	w.backlogs = append(w.backlogs, b)
	w.mu.Unlock()
	notify(w.added)
}

// waitStored returns when all settlements of a backlog are stored.
func (w *settlementWriter) waitStored(b *backlog) error {
	if b.countUnstored() > 0 {
		notify(w.urgent)
	}
	b.waitStored()
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.err
}

func (w *settlementWriter) run() {
	defer close(w.done)
	for {
		select {
		case <-w.added:
		case <-w.quit:
			w.flush()
			return
		}
		company := time.NewTimer(batchDelay)
		select {
		case <-company.C:
		case <-w.urgent:
		case <-w.quit:
		}
		company.Stop()
		w.flush()
	}
}

// flush stores the collected settlements.
func (w *settlementWriter) flush() {
	w.mu.Lock()
	tries, backlogs, err := w.tries, w.backlogs, w.err
	w.tries, w.backlogs = nil, nil
	w.mu.Unlock()
	if err == nil && len(tries) > 0 {
		if err = w.queue.StoreSettled(context.Background(), tries); err != nil {
			w.mu.Lock()
			w.err = err
			w.mu.Unlock()
			close(w.failed)
		}
	}
	for _, b := range backlogs {
		b.doneUnstored()
	}
}
