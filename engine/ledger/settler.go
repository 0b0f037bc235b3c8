package ledger

import (
	"context"
	"sync"
	"time"
)

const (
	// settleAfter is how long a settlement may wait for company. A crash meanwhile only means that a relay is sent the
	// same bytes again.
	settleAfter = 20 * time.Millisecond
	// maxUnstored is how many settlements of one relay may wait.
	maxUnstored = 256
)

// settler gathers settlements of all relays, so that many are stored at the price of one.
type settler struct {
	queue Queue
	bell  chan struct{}
	// hurry says that somebody is waiting.
	hurry chan struct{}
	quit  chan struct{}
	done  chan struct{}
	// failed is closed at the first fault. Nothing is stored after it.
	failed chan struct{}

	mu    sync.Mutex
	tries []Settled
	lines []*line
	err   error
}

func newSettler(q Queue) *settler {
	s := &settler{
		queue: q, bell: make(chan struct{}, 1), hurry: make(chan struct{}, 1), quit: make(chan struct{}),
		done: make(chan struct{}), failed: make(chan struct{}),
	}
	go s.run()
	return s
}

// stop stores what is left and returns the first fault.
func (s *settler) stop() error {
	close(s.quit)
	<-s.done
	return s.err
}

// store takes a settlement of a relay's delivery.
func (s *settler) store(t Settled, l *line) {
	l.settling()
	s.mu.Lock()
	s.tries = append(s.tries, t)
	s.lines = append(s.lines, l)
	s.mu.Unlock()
	ring(s.bell)
}

// wait returns when all settlements of a line are stored.
func (s *settler) wait(l *line) error {
	if l.unstored() > 0 {
		ring(s.hurry)
	}
	l.settle()
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.err
}

func (s *settler) run() {
	defer close(s.done)
	for {
		select {
		case <-s.bell:
		case <-s.quit:
			s.settle()
			return
		}
		company := time.NewTimer(settleAfter)
		select {
		case <-company.C:
		case <-s.hurry:
		case <-s.quit:
		}
		company.Stop()
		s.settle()
	}
}

// settle stores what has gathered.
func (s *settler) settle() {
	s.mu.Lock()
	tries, lines, err := s.tries, s.lines, s.err
	s.tries, s.lines = nil, nil
	s.mu.Unlock()
	if err == nil && len(tries) > 0 {
		if err = s.queue.Settle(context.Background(), tries); err != nil {
			s.mu.Lock()
			s.err = err
			s.mu.Unlock()
			close(s.failed)
		}
	}
	for _, l := range lines {
		l.settled()
	}
}

func ring(bell chan struct{}) {
	select {
	case bell <- struct{}{}:
	default:
	}
}
