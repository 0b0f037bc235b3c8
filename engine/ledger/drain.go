package ledger

import (
	"context"
	"errors"
	"maps"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"rhea/engine"
)

const (
	// maxRelays is how many relays are served at a time.
	maxRelays = 512
	// maxBacklogs is how many backlogs are kept before idle ones are forgotten.
	maxBacklogs = 1024
)

// Drainer is the drain loop of a ledger. Make one with [NewDrainer].
type Drainer struct {
	queue   Queue
	running atomic.Bool

	mu sync.Mutex
	// backlogs holds the state of each relay while the loop runs.
	backlogs map[string]*backlog
	woken    map[string]struct{}
	changed  chan struct{}
}

// NewDrainer returns the drain loop for a queue.
func NewDrainer(q Queue) *Drainer {
	return &Drainer{queue: q, woken: make(map[string]struct{}), changed: make(chan struct{}, 1)}
}

// Owe adds committed deliveries to a running loop, so that they need not be read. A backend calls it after each commit,
// in the order of the commits.
func (d *Drainer) Owe(owed ...Owed) {
	if len(owed) == 0 || !d.running.Load() {
		return
	}
	d.mu.Lock()
	for _, o := range owed {
		d.backlog(o.Relay).add(o)
		d.woken[o.Relay] = struct{}{}
	}
	d.mu.Unlock()
	notify(d.changed)
}

// Wake makes a running loop read the deliveries to relays again, because they were changed by hand. Deliveries that
// were read before are not handed out any more.
func (d *Drainer) Wake(relays ...string) {
	if len(relays) == 0 || !d.running.Load() {
		return
	}
	d.mu.Lock()
	for _, r := range relays {
		d.backlog(r).setChanged()
		d.woken[r] = struct{}{}
	}
	d.mu.Unlock()
	notify(d.changed)
}

// WakeAll is Wake for all relays, because an event was replaced: any of them may be owed it.
func (d *Drainer) WakeAll() {
	d.mu.Lock()
	relays := slices.Collect(maps.Keys(d.backlogs))
	d.mu.Unlock()
	d.Wake(relays...)
}

// backlog returns the backlog of a relay. The caller holds the lock.
func (d *Drainer) backlog(relay string) *backlog {
	b := d.backlogs[relay]
	if b != nil {
		return b
	}
	if len(d.backlogs) >= maxBacklogs {
		maps.DeleteFunc(d.backlogs, func(_ string, b *backlog) bool { return b.isIdle() })
	}
	b = newBacklog()
	d.backlogs[relay] = b
	return b
}

// startServing returns the backlog of a relay and marks it as busy.
func (d *Drainer) startServing(relay string) *backlog {
	d.mu.Lock()
	defer d.mu.Unlock()
	b := d.backlog(relay)
	b.setBusy(true)
	return b
}

// Run is engine.Ledger's Drain. It returns an error at once when a loop is running already, and a fault of the
// queue after every call under way has returned; the deliveries are still owed then and Run may be called again.
func (d *Drainer) Run(ctx context.Context, wake <-chan string, deliver engine.Deliver) error {
	if !d.begin() {
		return errors.New("the ledger is being drained already")
	}
	defer d.running.Store(false)
	// The queue is read after running was set, so no commit is lost between the reading and the first Owe.
	relays, err := d.queue.Relays(context.WithoutCancel(ctx))
	if err != nil {
		return err
	}
	for relay := range relays {
		d.mu.Lock()
		d.backlog(relay).setStale()
		d.mu.Unlock()
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	l := &loop{
		drainer: d, wake: wake, idle: relays, resting: make(map[string]bool), busy: make(map[string]pending),
		ended:  make(chan ended),
		worker: worker{queue: d.queue, deliver: deliver, settlements: newSettlements(d.queue)},
	}
	err = l.run(ctx)
	cancel()
	for len(l.busy) > 0 {
		e := <-l.ended
		delete(l.busy, e.relay)
		err = errors.Join(err, e.err)
	}
	return errors.Join(err, l.worker.settlements.end())
}

// begin reports whether no loop was running, and prepares the backlogs of a new one.
func (d *Drainer) begin() bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.running.Load() {
		return false
	}
	d.backlogs = make(map[string]*backlog)
	d.running.Store(true)
	return true
}

// loop decides when which relay is served. Its maps belong to the goroutine of Run.
type loop struct {
	drainer *Drainer
	worker  worker
	wake    <-chan string
	// idle holds when each relay with open deliveries that is not being served is due.
	idle map[string]time.Time
	// resting holds those idle relays that a commit does not wake.
	resting map[string]bool
	// busy holds the relays being served, and what happened meanwhile.
	busy  map[string]pending
	ended chan ended
}

// pending is what happened to a relay while it was being served.
type pending int

const (
	unchanged pending = iota
	// newlyOwed: a delivery was committed.
	newlyOwed
	// woken: it need not rest.
	woken
)

func (l *loop) run(ctx context.Context) error {
	timer := time.NewTimer(0)
	defer timer.Stop()
	for {
		wait, some := l.start(ctx)
		timer.Stop()
		if some {
			timer.Reset(wait)
		}
		select {
		case <-ctx.Done():
			return nil
		case <-timer.C:
		case <-l.worker.settlements.failed:
			return nil // Their end returns the fault.
		case <-l.drainer.changed:
			for relay := range l.drainer.take() {
				l.noteCommit(relay)
			}
		case relay := <-l.wake:
			l.wakeRelay(relay)
		case e := <-l.ended:
			if e.err != nil {
				delete(l.busy, e.relay)
				return e.err
			}
			l.noteEnd(e)
		}
	}
}

// noteEnd notes when a relay that was served is due again.
func (l *loop) noteEnd(e ended) {
	meanwhile := l.busy[e.relay]
	delete(l.busy, e.relay)
	switch {
	case meanwhile == woken, meanwhile == newlyOwed && !e.resting:
		l.idle[e.relay] = time.Time{}
	case !e.next.IsZero():
		l.idle[e.relay] = e.next
		if e.resting {
			l.resting[e.relay] = true
		}
	}
}

// noteCommit notes a new delivery to a relay.
func (l *loop) noteCommit(relay string) {
	meanwhile, busy := l.busy[relay]
	switch {
	case busy:
		l.busy[relay] = max(meanwhile, newlyOwed)
	case !l.resting[relay]:
		l.idle[relay] = time.Time{}
	}
}

// wakeRelay ends the rest of a relay.
func (l *loop) wakeRelay(relay string) {
	if _, busy := l.busy[relay]; busy {
		l.busy[relay] = woken
		return
	}
	if l.resting[relay] {
		delete(l.resting, relay)
		l.idle[relay] = time.Time{}
	}
}

// start serves the relays that are due, up to maxRelays, and returns how long until the next one is due.
func (l *loop) start(ctx context.Context) (wait time.Duration, some bool) {
	now := time.Now()
	for relay, due := range l.idle {
		if len(l.busy) >= maxRelays {
			return 0, false
		}
		if until := due.Sub(now); until > 0 {
			if !some || until < wait {
				wait, some = until, true
			}
			continue
		}
		delete(l.idle, relay)
		delete(l.resting, relay)
		l.busy[relay] = unchanged
		b := l.drainer.startServing(relay)
		go func() { l.ended <- l.worker.serve(ctx, relay, b) }()
	}
	return wait, some
}

// take returns the relays that were woken since it was last called.
func (d *Drainer) take() map[string]struct{} {
	d.mu.Lock()
	defer d.mu.Unlock()
	woken := d.woken
	d.woken = make(map[string]struct{})
	return woken
}
