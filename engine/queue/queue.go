package queue

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"rhea/engine"
	"rhea/engine/gate"
)

const (
	// waitingPage is how many of those that wait are read at a time.
	waitingPage = 50
	// LookAgain is how soon a held rule, or one whose ledger failed, is looked at again.
	LookAgain = time.Minute
	// behindOthers is how soon a signal is looked at that has to wait only because others do.
	behindOthers = time.Second
	// lookAround is how long a queue goes at most without a look at what others, such as upkeep, have done to it.
	lookAround = time.Hour
)

// Owner is the rule whose signals wait.
type Owner interface {
	// Held returns what to say when the rule is held, "" when it is not.
	Held(ctx context.Context) (string, error)
	// Blocking returns the first counter that holds a waiting signal up, and until when, zero when it is one of those before
	// it. First is the counter that comes first, if any does.
	Blocking(ctx context.Context, s engine.StoredSignal, before map[string]bool) (counter string, free time.Time, err error)
	First(s engine.StoredSignal) string
	// Release carries a signal on from where it began to wait. When something still holds it up, it says what. A [*Stuck]
	// lets others pass.
	Release(ctx context.Context, w engine.Waiting, s engine.StoredSignal) (*gate.Wait, error)
	// Discard ends the wait of a signal that nothing can be made of.
	Discard(ctx context.Context, w engine.Waiting, reason string) error
}

// Options are what a [Queue] needs.
type Options struct {
	Rule   string
	Ledger engine.Waits
	Owner  Owner
	// Waiters is empty; [Queue.Load] fills it.
	Waiters *Waiters
	Clock   engine.Clock
	// Once has the queue look at what the limits allow now, and at nothing later.
	Once bool
	Log  *slog.Logger
}

// Queue lets go, in order, what the limits of a rule allow. The signals are in the ledger; here is only what each of them
// waits for.
type Queue struct {
	opts Options
	// due says that the queue has something to look at by then. It is made when something has to be looked at.
	due chan time.Time
	// read is the highest number that was read, and whole when everything is read again. Only looks use them.
	read  int64
	whole time.Time

	mu sync.Mutex
	// ctx is that of the looks; nil before the queue begins. looking is true while there is something to look at.
	ctx     context.Context
	looking bool
	running sync.WaitGroup
	// left is true when an earlier run has left something, or when that could not be read.
	left bool
}

// New returns a queue that knows of nothing that waits, see [Queue.Load].
func New(o Options) *Queue {
	return &Queue{opts: o}
}

// Put notes that a signal of an author waits for a counter, and looks at it when the counter is free.
func (q *Queue) Put(key, counter, author string, free time.Time) {
	q.opts.Waiters.put(waiter{key: key, counter: counter, author: author, free: free})
	if free.IsZero() {
		free = q.opts.Clock.Now().Add(behindOthers)
	}
	q.LookBy(free)
}

// Drop notes that signals were taken out of the queue by hand in the ledger, so that what waits behind them goes on.
func (q *Queue) Drop(keys []string) {
	for _, key := range keys {
		q.opts.Waiters.leave(key)
	}
	q.LookBy(q.opts.Clock.Now())
}

// LookBy has the queue look at what waits by a time.
func (q *Queue) LookBy(at time.Time) {
	q.mu.Lock()
	due := q.notes()
	q.mu.Unlock()
	for noted := false; !noted; {
		select {
		case due <- at:
			noted = true
		case before := <-due:
			at = earliest(at, before)
		}
	}
	q.mu.Lock()
	defer q.mu.Unlock()
	q.start()
}

// notes returns the channel of what is due. The lock is held.
func (q *Queue) notes() chan time.Time {
	if q.due == nil {
		q.due = make(chan time.Time, 1)
	}
	return q.due
}

// Stuck says that a trigger cannot make a signal again for now, such as one that finds no relay to ask.
type Stuck struct{ Err error }

func (s *Stuck) Error() string { return s.Err.Error() }

func earliest(a, b time.Time) time.Time {
	if b.Before(a) {
		return b
	}
	return a
}
