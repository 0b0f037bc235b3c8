package ledger

import (
	"sync"
	"time"
)

// maxFresh is how many deliveries to one relay are held in memory because they were just committed.
const maxFresh = 128

// line is what is known of the deliveries to one relay, so that the queue is asked only when it knows more. What was
// committed while the relay was idle or being served is here, until there is too much of it.
type backlog struct {
	mu sync.Mutex
	// fresh was committed after the queue was last read.
	fresh []Owed
	// missed says that something may be due that only the queue knows.
	stale bool
	// changed says that what was read last was changed by hand.
	changed bool
	// last is the highest number that was read.
	last int64
	// next is when the first delivery that waits is due, zero when none waits.
	next time.Time
	// busy says that the relay is being served.
	busy bool
	// open is how many settlements have yet to be stored, stored tells when they are.
	unstored int
	stored   sync.Cond
}

func newBacklog() *backlog {
	b := &backlog{}
	b.stored.L = &b.mu
	return b
}

// owe adds what was just committed.
func (b *backlog) add(o Owed) {
	b.mu.Lock()
	defer b.mu.Unlock()
	switch {
	case b.stale:
	case len(b.fresh) < maxFresh:
		b.fresh = append(b.fresh, o)
	default:
		b.fresh, b.stale = nil, true
	}
}

// miss makes the queue be asked again.
func (b *backlog) setStale() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.fresh, b.stale = nil, true
}

// change makes the queue be asked again before anything else is handed out.
func (b *backlog) setChanged() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.fresh, b.stale, b.changed = nil, true, true
}

// outdated reports whether what was taken last was changed since.
func (b *backlog) isChanged() bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.changed
}

func (b *backlog) setBusy(busy bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.busy = busy
}

// over reports whether forgetting the line forgets nothing.
func (b *backlog) isIdle() bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	return !b.busy && !b.stale && len(b.fresh) == 0 && b.next.IsZero() && b.unstored == 0
}

// take returns what is due, nothing when the relay has got all there is for now. It is not known when the queue has to
// be read, and then the line is ready for that: what is committed from now on comes after what is read.
func (b *backlog) takeDue(now time.Time) (due []Owed, known bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	fresh := b.fresh
	b.fresh, b.changed = nil, false
	if b.stale || (!b.next.IsZero() && !now.Before(b.next)) {
		b.stale = false
		return nil, false
	}
	for i, o := range fresh {
		if o.ID > b.last {
			return fresh[i:], true
		}
	}
	return nil, true
}

// read notes what the queue said.
func (b *backlog) noteRead(due []Owed, next time.Time) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, o := range due {
		b.last = max(b.last, o.ID)
	}
	b.next = next
	if len(due) > 0 {
		b.fresh, b.stale = nil, true
	}
}

// later notes when a delivery is due again.
func (b *backlog) noteNext(at time.Time) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.next.IsZero() || at.Before(b.next) {
		b.next = at
	}
}

// wait returns when the delivery that waits for the shortest time is due.
func (b *backlog) nextDue() time.Time {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.next
}

// settling notes that a settlement has yet to be stored, settled that it is.
func (b *backlog) addUnstored() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.unstored++
}

func (b *backlog) doneUnstored() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.unstored--
	if b.unstored == 0 {
		b.stored.Broadcast()
	}
}

// settle waits until nothing has yet to be stored.
func (b *backlog) waitStored() {
	b.mu.Lock()
	defer b.mu.Unlock()
	for b.unstored > 0 {
		b.stored.Wait()
	}
}

// unstored is how many settlements have yet to be stored.
func (b *backlog) countUnstored() int {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.unstored
}
