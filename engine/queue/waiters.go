package queue

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"sync"
	"time"
)

const (
	// maxWaiting is how many signals of a rule may wait for a limit, and maxWaitingOfOne how many of one author.
	maxWaiting      = 1000
	maxWaitingOfOne = maxWaiting / 10
	// maxNewcomers is how many places newcomers may take: the others are kept for people answered before, and followed.
	maxNewcomers = maxWaiting * 4 / 5
)

// Waiters are who waits in the queue of a rule, and for what.
type Waiters struct {
	mu sync.Mutex
	by map[string]waiter // by key
	// under counts the places by the counter that they wait for, of by their author.
	under, of map[string]int
	// round counts the looks at all that waits.
	round int
}

// waiter is a signal that waits.
type waiter struct {
	key             string
	counter, author string
	// number is the ledger's; 0 until it was read there.
	number int64
	// free is when it may go on at the earliest; zero when those before it decide that.
	free time.Time
	// seen is the round in which the signal was known to wait.
	seen int
}

// NewWaiters returns the waiters of an empty queue. What counts them is made for the first one.
func NewWaiters() *Waiters { return new(Waiters) }

// Count returns how many signals wait, and how many of them for a counter.
func (w *Waiters) Count(counter string) (all, under int) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return len(w.by), w.under[counter]
}

// Full says why there is no place for a signal of an author, "" for one without, and nothing when there is one.
func (w *Waiters) Full(author string, known bool) (reason string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if n := len(w.by); n >= maxWaiting {
		return fmt.Sprintf("the queue is full: %d signals wait", n)
	}
	if n := len(w.by); !known && n >= maxNewcomers {
		return fmt.Sprintf("the queue is full for newcomers: %d signals wait; the other places are kept for people answered before and whom "+
			"the identity follows", n)
	}
	if n := w.of[author]; author != "" && n >= maxWaitingOfOne {
		return fmt.Sprintf("the author's part of the queue is full: %d signals of theirs wait", n)
	}
	return ""
}

// OfOne returns how many signals of an author wait.
func (w *Waiters) OfOne(author string) int {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.of[author]
}

// put notes what a signal waits for.
func (w *Waiters) put(one waiter) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if was := w.by[one.key]; one.number == 0 {
		one.number = was.number
	}
	w.remove(one.key)
	if w.by == nil {
		w.by, w.under, w.of = make(map[string]waiter), make(map[string]int), make(map[string]int)
	}
	one.seen = w.round
	w.by[one.key] = one
	w.under[one.counter]++
	w.of[one.author]++
}

// inOrder returns the signals that were read in the ledger, in its order.
func (w *Waiters) inOrder() []waiter {
	w.mu.Lock()
	defer w.mu.Unlock()
	all := slices.Collect(maps.Values(w.by))
	all = slices.DeleteFunc(all, func(one waiter) bool { return one.number == 0 })
	slices.SortFunc(all, func(a, b waiter) int { return cmp.Compare(a.number, b.number) })
	return all
}

// leave notes that a key waits no longer.
func (w *Waiters) leave(key string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.remove(key)
}

// begin starts a round; end frees the places of those that were not met in it: somebody else has ended their wait.
func (w *Waiters) begin() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.round++
}

func (w *Waiters) end() {
	w.mu.Lock()
	defer w.mu.Unlock()
	for key, was := range w.by {
		if was.seen < w.round {
			w.remove(key)
		}
	}
}

// remove frees a place. The caller holds the lock.
func (w *Waiters) remove(key string) {
	was, ok := w.by[key]
	if !ok {
		return
	}
	delete(w.by, key)
	less(w.under, was.counter)
	less(w.of, was.author)
}

// less counts one down and forgets a zero.
func less(counts map[string]int, name string) {
	if counts[name]--; counts[name] == 0 {
		delete(counts, name)
	}
}
