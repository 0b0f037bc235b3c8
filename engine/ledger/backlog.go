package ledger

import (
	"sync"
	"time"
)

// maxFresh is how many deliveries to one relay are held in memory because they were just committed.
const maxFresh = 128

// backlog is what is known of the deliveries to one relay, so that the queue is read only when necessary. It holds what
// was committed since the last reading, until there is too much of it.
type backlog struct {
	mu sync.Mutex
	// fresh was committed after the queue was last read.
	fresh []Owed
	// stale is true when only the queue knows all that is due.
	stale bool
	// changed is true when deliveries that were read last were changed by hand.
	changed bool
	// last is the highest number that was read.
	last int64
	// next is when the first waiting delivery is due, zero when none waits.
	next time.Time
	// busy is true while the relay is being served.
	busy bool
	// unstored is how many settlements are not stored yet; stored signals that there are none.
	unstored int
	stored   sync.Cond
	// added has an entry when there may be something new to hand out.
	added chan struct{}
	// allowance belongs to the goroutine that serves the relay.
	allowance allowance
}

func newBacklog() *backlog {
	b := &backlog{added: make(chan struct{}, 1)}
	b.stored.L = &b.mu
	return b
}

// add adds a committed delivery.
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
	notify(b.added)
}

// setStale makes the queue be read again.
func (b *backlog) setStale() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.fresh, b.stale = nil, true
}

// setChanged makes the queue be read again before anything else is handed out.
func (b *backlog) setChanged() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.fresh, b.stale, b.changed = nil, true, true
	notify(b.added)
}

// isOutdated reports whether deliveries that were taken last were changed since, or one that goes before them is due.
func (b *backlog) isOutdated(now time.Time) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.changed || b.isDue(now)
}

// isDue reports whether a delivery that waited is due. The lock is held.
func (b *backlog) isDue(now time.Time) bool { return !b.next.IsZero() && !now.Before(b.next) }

// hasMore reports whether there is or may be something that was not taken yet.
func (b *backlog) hasMore() bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.stale || len(b.fresh) > 0
}

func (b *backlog) setBusy(busy bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.busy = busy
}

// isIdle reports whether the backlog can be forgotten without loss.
func (b *backlog) isIdle() bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	return !b.busy && !b.stale && len(b.fresh) == 0 && b.next.IsZero() && b.unstored == 0
}

// takeDue returns what is due, nothing when there is nothing left for now. known is false when the queue has to be
// read; then the backlog collects what is committed from now on.
func (b *backlog) takeDue(now time.Time) (due []Owed, known bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	fresh := b.fresh
	b.fresh, b.changed = nil, false
	if b.stale || b.isDue(now) {
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

// noteRead notes what was read from the queue.
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

// noteNext notes when a delivery is due again.
func (b *backlog) noteNext(at time.Time) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.next.IsZero() || at.Before(b.next) {
		b.next = at
	}
}

// nextDue returns when the first waiting delivery is due.
func (b *backlog) nextDue() time.Time {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.next
}

// addUnstored counts a settlement that is not stored yet, doneUnstored one that is stored.
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

// waitStored waits until all settlements are stored.
func (b *backlog) waitStored() {
	b.mu.Lock()
	defer b.mu.Unlock()
	for b.unstored > 0 {
		b.stored.Wait()
	}
}

// countUnstored is how many settlements are not stored yet.
func (b *backlog) countUnstored() int {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.unstored
}

func notify(c chan struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}
