package ledger

import (
	"context"
	"sync"
)

// settler gathers settlements of all relays, so that many are stored at the price of one.
type settler struct {
	queue Queue
	bell  chan struct{}
	quit  chan struct{}
	done  chan struct{}

	mu       sync.Mutex
	tries    []Settled
	receipts []*receipt
}

// receipt tells one relay's worker when all its settlements are stored.
type receipt struct {
	open sync.WaitGroup
	mu   sync.Mutex
	err  error
}

func newSettler(q Queue) *settler {
	s := &settler{
		queue: q, bell: make(chan struct{}, 1), quit: make(chan struct{}), done: make(chan struct{}),
	}
	go s.run()
	return s
}

// stop ends the settler. Every receipt must have been waited for.
func (s *settler) stop() {
	close(s.quit)
	<-s.done
}

func (s *settler) store(t Settled, r *receipt) {
	r.open.Add(1)
	s.mu.Lock()
	s.tries = append(s.tries, t)
	s.receipts = append(s.receipts, r)
	s.mu.Unlock()
	select {
	case s.bell <- struct{}{}:
	default:
	}
}

func (s *settler) run() {
	defer close(s.done)
	for {
		select {
		case <-s.quit:
			return
		case <-s.bell:
		}
		s.mu.Lock()
		tries, receipts := s.tries, s.receipts
		s.tries, s.receipts = nil, nil
		s.mu.Unlock()
		if len(tries) == 0 {
			continue
		}
		err := s.queue.Settle(context.Background(), tries)
		for _, r := range receipts {
			r.finish(err)
		}
	}
}

func (r *receipt) finish(err error) {
	if err != nil {
		r.mu.Lock()
		r.err = err
		r.mu.Unlock()
	}
	r.open.Done()
}

func (r *receipt) wait() error {
	r.open.Wait()
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.err
}
