package ledger

import "sync"

// settlements hands what became of deliveries to the queue, which stores it together with what else there is to store.
// After a crash meanwhile a relay is only sent the same bytes again.
type settlements struct {
	queue Queue
	// failed is closed at the first fault. Nothing is handed on after it.
	failed chan struct{}
	// open are those that are not stored yet.
	open sync.WaitGroup

	mu  sync.Mutex
	err error
}

// maxUnstored is how many settlements of one relay may wait.
const maxUnstored = 256

func newSettlements(q Queue) *settlements { return &settlements{queue: q, failed: make(chan struct{})} }

// add takes a settlement of a delivery.
func (s *settlements) add(t Settled, b *backlog) {
	if s.fault() != nil {
		return
	}
	s.open.Add(1)
	b.addUnstored()
	s.queue.Settle(t, func(err error) {
		s.note(err)
		b.doneUnstored()
		s.open.Done()
	})
}

// waitStored returns when all settlements of a backlog are stored.
func (s *settlements) waitStored(b *backlog) error {
	if b.countUnstored() > 0 {
		s.queue.Hurry()
		b.waitStored()
	}
	return s.fault()
}

// end waits until everything is stored and returns the first fault.
func (s *settlements) end() error {
	s.queue.Hurry()
	s.open.Wait()
	return s.fault()
}

// note notes the first fault.
func (s *settlements) note(err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err != nil && s.err == nil {
		s.err = err
		close(s.failed)
	}
}

func (s *settlements) fault() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.err
}
