package bot

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

// places are those in the line of a rule: who waits, and for what.
type places struct {
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

func newPlaces() places {
	return places{by: make(map[string]place), under: make(map[string]int), of: make(map[string]int)}
}

// count returns how many signals wait, and how many of them for a mark.
func (p *places) count(mark string) (all, under int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return len(p.by), p.under[mark]
}

// full says why there is no place for a signal of an author, "" for one without, and nothing when there is one.
func (p *places) full(author string, known bool) (reason string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if n := len(p.by); n >= maxWaiting {
		return fmt.Sprintf("the queue is full: %d signals wait", n)
	}
	if n := len(p.by); !known && n >= maxNewcomers {
		return fmt.Sprintf("the queue is full for newcomers: %d signals wait; the other places are kept for people answered before and whom "+
			"the identity follows", n)
	}
	if n := p.of[author]; author != "" && n >= maxWaitingOfOne {
		return fmt.Sprintf("the author's part of the queue is full: %d signals of theirs wait", n)
	}
	return ""
}

// ofOne returns how many signals of an author wait.
func (p *places) ofOne(author string) int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.of[author]
}

// put notes what the signal of a trial waits for under a key.
func (p *places) put(key, mark string, t *trial) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.remove(key)
	p.by[key] = place{mark, t.author(), p.round}
	p.under[mark]++
	p.of[t.author()]++
}

// leave notes that a key waits no longer.
func (p *places) leave(key string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.remove(key)
}

// begin starts a round; end frees the places of those that were not met in it: somebody else has ended their wait.
func (p *places) begin() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.round++
}

func (p *places) end() {
	p.mu.Lock()
	defer p.mu.Unlock()
	for key, was := range p.by {
		if was.seen < p.round {
			p.remove(key)
		}
	}
}

// remove frees a place. The caller holds the lock.
func (p *places) remove(key string) {
	was, ok := p.by[key]
	if !ok {
		return
	}
	delete(p.by, key)
	less(p.under, was.mark)
	less(p.of, was.author)
}

// less counts one down and forgets a zero.
func less(counts map[string]int, name string) {
	if counts[name]--; counts[name] == 0 {
		delete(counts, name)
	}
}

// author is who has caused the signal, "" for nobody.
func (t *trial) author() string {
	if t.Event == nil {
		return ""
	}
	return t.Event.PubKey
}
