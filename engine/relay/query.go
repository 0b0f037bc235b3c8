package relay

import (
	"context"
	"slices"
	"sync"
	"time"

	"github.com/nbd-wtf/go-nostr"

	"rhea/engine"
	"rhea/engine/relay/wire"
)

const (
	// queueEvents and queueBytes bound what a query holds that its consumer has not handled.
	queueEvents = 512
	queueBytes  = 16 << 20
	// storedEvents and storedBytes are how much of that is for what a relay has stored; the rest is for what is new.
	storedEvents = queueEvents * 3 / 4
	storedBytes  = queueBytes * 3 / 4
	// handledEvents is how many handled ids a query remembers at least; the ledger remembers the rest.
	handledEvents = 4096
	// copiesPerLeg is how many signatures one relay may send under one id while the event waits.
	copiesPerLeg   = 4
	maxConcurrency = 256
)

// query hands each event that its legs offer to one consumer, once, whatever the number of relays.
type query struct {
	deliver func(context.Context, engine.Received) error
	// ahead is told of events that have to wait; nil for nobody.
	ahead   func(*nostr.Event)
	workers int
	// came has an entry for each event in line. All that is in hand fits, so that nobody ever waits to put one there.
	came chan struct{}

	mu    sync.Mutex
	hand  map[wire.EventID]*waiting
	bytes int
	// line waits for a worker. behind has an entry for each author who has one: what came up of that author meanwhile.
	line    []*waiting
	behind  map[string][]*waiting
	handled *window[wire.EventID, struct{}]
	// roomy is closed when there is room for a page again, and awaited says that somebody waits for that. turn holds a
	// token while a leg reads a page into the room.
	roomy   chan struct{}
	awaited bool
	turn    chan struct{}
}

// waiting is an event in hand: offered by at least one leg and not handled yet.
type waiting struct {
	id     wire.EventID
	author string
	copies []offer
	// holds says for each leg that has offered the event which position it must not pass until it is handled.
	holds map[*leg]int64
	// size is what the first copy weighs.
	size  int
	tries engine.Backoff
}

// offer is an event as one leg got it.
type offer struct {
	leg     *leg
	copy    *checked
	hold    int64
	backlog bool
	// stored says that the event can be asked for again: a part of the room is for the others.
	stored bool
}

func newQuery(concurrency int, deliver func(context.Context, engine.Received) error) *query {
	return &query{
		deliver: deliver,
		workers: min(max(concurrency, 1), maxConcurrency),
		came:    make(chan struct{}, queueEvents),
		hand:    make(map[wire.EventID]*waiting),
		behind:  make(map[string][]*waiting),
		handled: newWindow[wire.EventID, struct{}](handledEvents),
		roomy:   make(chan struct{}),
		turn:    make(chan struct{}, 1),
	}
}

func (q *query) isHandled(id wire.EventID) bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	_, ok := q.handled.get(id)
	return ok
}

// has reports whether an event was handled or is in hand.
func (q *query) has(id wire.EventID) bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	_, handled := q.handled.get(id)
	return handled || q.hand[id] != nil
}

// take accepts an offer. False means that the query is full and the leg must offer the event again later.
func (q *query) take(o offer) bool {
	taken, waits := q.put(o)
	if waits && q.ahead != nil && !o.backlog {
		q.ahead(o.copy.event)
	}
	return taken
}

// put takes an offer in hand and reports whether the event is new and has to wait for others.
func (q *query) put(o offer) (taken, waits bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	id := o.copy.key.ID
	if _, ok := q.handled.get(id); ok || o.copy.forged.Load() {
		return true, false
	}
	if o.stored {
		o.hold = o.leg.at.Since // Where it stands until all that is stored was read.
	}
	if w := q.hand[id]; w != nil {
		w.add(o)
		return true, false
	}
	events, bytes := queueEvents, queueBytes
	if o.stored {
		events, bytes = storedEvents, storedBytes
	}
	if len(q.hand) >= events || q.bytes+o.copy.size > bytes {
		return false, false
	}
	w := &waiting{
		id: id, author: o.copy.event.PubKey, holds: make(map[*leg]int64), size: o.copy.size,
		tries: engine.Backoff{First: firstBackoff, Last: lastBackoff},
	}
	w.add(o)
	q.hand[id] = w
	q.bytes += o.copy.size
	q.enqueue(w)
	return true, len(q.hand) > q.workers
}

// add notes another relay's offer, and the copy if its signature is another one: it may be the good one.
func (w *waiting) add(o offer) {
	if hold, ok := w.holds[o.leg]; !ok || o.hold < hold {
		w.holds[o.leg] = o.hold
	}
	same := slices.ContainsFunc(w.copies, func(c offer) bool { return c.copy == o.copy || c.copy.key == o.copy.key })
	mine := 0
	for _, c := range w.copies {
		if c.leg == o.leg {
			mine++
		}
	}
	if !same && mine < copiesPerLeg {
		w.copies = append(w.copies, o)
	}
}

// handle delivers an event. A copy that turns out to be forged is replaced by the next one, or by none: then the
// event is as unknown as before.
func (q *query) handle(ctx context.Context, w *waiting) {
	for ctx.Err() == nil {
		q.mu.Lock()
		o := w.copies[0]
		q.mu.Unlock()
		var err error
		if !o.copy.forged.Load() {
			err = q.deliver(ctx, engine.Received{
				Event: o.copy.event, Relay: o.leg.relay, Backlog: o.backlog, Verify: o.copy.verify,
			})
		}
		if o.copy.forged.Load() {
			if q.discard(w) {
				continue
			}
			return
		}
		if err == nil {
			q.settle(w)
			return
		}
		q.postpone(ctx, w)
		return
	}
}

// discard drops the copy that was just tried and reports whether there is another one.
func (q *query) discard(w *waiting) bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	if len(w.copies) > 1 {
		w.copies = w.copies[1:]
		return true
	}
	q.remove(w)
	return false
}

// settle remembers an event as handled.
func (q *query) settle(w *waiting) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.handled.put(w.id, struct{}{})
	q.remove(w)
}

// remove takes an event out of hand and calls back the legs that were turned away, once there is real room.
func (q *query) remove(w *waiting) {
	delete(q.hand, w.id)
	q.bytes -= w.size
	if q.awaited && q.isRoomy() {
		q.awaited = false
		close(q.roomy)
		q.roomy = make(chan struct{})
	}
}

// isRoomy reports whether a page fits in. The lock is held.
func (q *query) isRoomy() bool {
	return len(q.hand) <= storedEvents-pageOfOne && q.bytes <= queueBytes/4
}

// postpone delivers the event again later. Until then it stays in hand and holds its legs' positions.
func (q *query) postpone(ctx context.Context, w *waiting) {
	if ctx.Err() != nil {
		return
	}
	// A try that comes after the end waits in a line that nobody takes from any more.
	time.AfterFunc(w.tries.Jittered(), func() {
		q.mu.Lock()
		defer q.mu.Unlock()
		q.enqueue(w)
	})
}

// room returns a channel that is closed when there is room for a page; already closed when there is.
func (q *query) room() <-chan struct{} {
	q.mu.Lock()
	defer q.mu.Unlock()
	if !q.isRoomy() {
		q.awaited = true
		return q.roomy
	}
	open := make(chan struct{})
	close(open)
	return open
}

// reserve waits for room for a page and for the other legs that read one. done must follow unless ctx has ended.
func (q *query) reserve(ctx context.Context) (done func(), err error) {
	select {
	case q.turn <- struct{}{}:
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	select {
	case <-q.room():
		return func() { <-q.turn }, nil
	case <-ctx.Done():
		<-q.turn
		return nil, ctx.Err()
	}
}

// holdsBacklog reports whether any copy of a waiting event is backlog of this leg.
func (w *waiting) holdsBacklog(l *leg) bool {
	return slices.ContainsFunc(w.copies, func(o offer) bool { return o.leg == l && o.backlog })
}
