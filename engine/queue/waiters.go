package queue

import (
	"fmt"
	"sync"
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
	by map[string]place // by key
	// under counts the places by the mark that they wait for, of by their author.
	under, of map[string]int
	// round counts the looks at all that waits.
	round int
}

type place struct {
	mark, author string
	// seen is the round in which the signal was known to wait.
	seen int
}

// NewWaiters returns the waiters of an empty queue.
func NewWaiters() *Waiters {
	return &Waiters{by: make(map[string]place), under: make(map[string]int), of: make(map[string]int)}
}

// Count returns how many signals wait, and how many of them for a mark.
func (w *Waiters) Count(mark string) (all, under int) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return len(w.by), w.under[mark]
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

// put notes what the signal of an author waits for under a key.
func (w *Waiters) put(key, mark, author string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.remove(key)
	w.by[key] = place{mark, author, w.round}
	w.under[mark]++
	w.of[author]++
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
	less(w.under, was.mark)
	less(w.of, was.author)
}

// less counts one down and forgets a zero.
func less(counts map[string]int, name string) {
	if counts[name]--; counts[name] == 0 {
		delete(counts, name)
	}
}
