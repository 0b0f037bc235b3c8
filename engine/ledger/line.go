package ledger

import (
	"sync"
	"time"
)

// maxFresh is how many deliveries to one relay are held in memory because they were just committed.
const maxFresh = 128

// line is what is known of the deliveries to one relay, so that the queue is asked only when it knows more. What was
// committed while the relay was idle or being served is here, until there is too much of it.
type line struct {
	mu sync.Mutex
	// fresh was committed after the queue was last read.
	fresh []Owed
	// missed says that something may be due that only the queue knows.
	missed bool
	// changed says that what was read last was changed by hand.
	changed bool
	// last is the highest number that was read.
	last int64
	// next is when the first delivery that waits is due, zero when none waits.
	next time.Time
	// busy says that the relay is being served.
	busy bool
	// open is how many settlements have yet to be stored, stored tells when they are.
	open   int
	stored sync.Cond
}

func newLine() *line {
	l := &line{}
	l.stored.L = &l.mu
	return l
}

// owe adds what was just committed.
func (l *line) owe(o Owed) {
	l.mu.Lock()
	defer l.mu.Unlock()
	switch {
	case l.missed:
	case len(l.fresh) < maxFresh:
		l.fresh = append(l.fresh, o)
	default:
		l.fresh, l.missed = nil, true
	}
}

// miss makes the queue be asked again.
func (l *line) miss() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.fresh, l.missed = nil, true
}

// change makes the queue be asked again before anything else is handed out.
func (l *line) change() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.fresh, l.missed, l.changed = nil, true, true
}

// outdated reports whether what was taken last was changed since.
func (l *line) outdated() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.changed
}

func (l *line) serve(busy bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.busy = busy
}

// over reports whether forgetting the line forgets nothing.
func (l *line) over() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return !l.busy && !l.missed && len(l.fresh) == 0 && l.next.IsZero() && l.open == 0
}

// take returns what is due, nothing when the relay has got all there is for now. It is not known when the queue has to
// be read, and then the line is ready for that: what is committed from now on comes after what is read.
func (l *line) take(now time.Time) (due []Owed, known bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	fresh := l.fresh
	l.fresh, l.changed = nil, false
	if l.missed || (!l.next.IsZero() && !now.Before(l.next)) {
		l.missed = false
		return nil, false
	}
	for i, o := range fresh {
		if o.ID > l.last {
			return fresh[i:], true
		}
	}
	return nil, true
}

// read notes what the queue said.
func (l *line) read(due []Owed, next time.Time) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, o := range due {
		l.last = max(l.last, o.ID)
	}
	l.next = next
	if len(due) > 0 {
		l.fresh, l.missed = nil, true
	}
}

// later notes when a delivery is due again.
func (l *line) later(at time.Time) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.next.IsZero() || at.Before(l.next) {
		l.next = at
	}
}

// wait returns when the delivery that waits for the shortest time is due.
func (l *line) wait() time.Time {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.next
}

// settling notes that a settlement has yet to be stored, settled that it is.
func (l *line) settling() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.open++
}

func (l *line) settled() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.open--
	if l.open == 0 {
		l.stored.Broadcast()
	}
}

// settle waits until nothing has yet to be stored.
func (l *line) settle() {
	l.mu.Lock()
	defer l.mu.Unlock()
	for l.open > 0 {
		l.stored.Wait()
	}
}

// unstored is how many settlements have yet to be stored.
func (l *line) unstored() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.open
}
