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
	// withReadAhead is told of events that have to wait; nil for nobody.
	ahead   func(*nostr.Event)
	workers int
	// came has an entry for each event in line. All that is in hand fits, so that nobody ever waits to put one there.
	work chan struct{}

	mu       sync.Mutex
	inflight map[wire.EventID]*pendingEvent
	bytes    int
	// line waits for a worker. behind has an entry for each author who has one: what came up of that author meanwhile.
	ready    []*pendingEvent
	byAuthor map[string][]*pendingEvent
	handled  *window[wire.EventID, struct{}]
	// freed is closed when there is room for a page again, and awaited says that somebody waits for that. turn holds a
	// token while a leg reads a page into the room.
	freed      chan struct{}
	roomWanted bool
	paging     chan struct{}
}

// joining is an event in hand: offered by at least one leg and not handled yet.
type pendingEvent struct {
	id     wire.EventID
	author string
	copies []offer
	// floors says for each leg that has offered the event which position it must not pass until it is handled.
	floors map[*subscriber]int64
	// pageSize is what the first copy weighs.
	size  int
	tries engine.Backoff
}

// publish is an event as one leg got it.
type offer struct {
	subscriber *subscriber
	copy       *checked
	floor      int64
	backlog    bool
	// stored says that the event can be asked for again: a part of the room is for the others.
	stored bool
}

func newQuery(concurrency int, deliver func(context.Context, engine.Received) error) *query {
	return &query{
		deliver:  deliver,
		workers:  min(max(concurrency, 1), maxConcurrency),
		work:     make(chan struct{}, queueEvents),
		inflight: make(map[wire.EventID]*pendingEvent),
		byAuthor: make(map[string][]*pendingEvent),
		handled:  newWindow[wire.EventID, struct{}](handledEvents),
		freed:    make(chan struct{}),
		paging:   make(chan struct{}, 1),
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
	return handled || q.inflight[id] != nil
}

// take accepts an offer. False means that the query is full and the leg must offer the event again later.
func (q *query) accept(o offer) bool {
	taken, waits := q.add(o)
	if waits && q.ahead != nil && !o.backlog {
		q.ahead(o.copy.event)
	}
	return taken
}

// add takes an offer in hand and reports whether the event is new and has to wait for others.
func (q *query) add(o offer) (taken, waits bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	id := o.copy.key.ID
	if _, ok := q.handled.get(id); ok || o.copy.forged.Load() {
		return true, false
	}
	if o.stored {
		o.floor = o.subscriber.cursor.Since // Where it stands until all that is stored was read.
	}
	if e := q.inflight[id]; e != nil {
		e.add(o)
		return true, false
	}
	events, bytes := queueEvents, queueBytes
	if o.stored {
		events, bytes = storedEvents, storedBytes
	}
	if len(q.inflight) >= events || q.bytes+o.copy.size > bytes {
		return false, false
	}
	e := &pendingEvent{
		id: id, author: o.copy.event.PubKey, floors: make(map[*subscriber]int64), size: o.copy.size,
		tries: engine.Backoff{First: firstBackoff, Last: lastBackoff},
	}
	e.add(o)
	q.inflight[id] = e
	q.bytes += o.copy.size
	q.enqueue(e)
	return true, len(q.inflight) > q.workers
}

// add notes another relay's offer, and the copy if its signature is another one: it may be the good one.
func (e *pendingEvent) add(o offer) {
	if hold, ok := e.floors[o.subscriber]; !ok || o.floor < hold {
		e.floors[o.subscriber] = o.floor
	}
	same := slices.ContainsFunc(e.copies, func(c offer) bool { return c.copy == o.copy || c.copy.key == o.copy.key })
	mine := 0
	for _, c := range e.copies {
		if c.subscriber == o.subscriber {
			mine++
		}
	}
	if !same && mine < copiesPerLeg {
		e.copies = append(e.copies, o)
	}
}

// handle delivers an event. A copy that turns out to be forged is replaced by the next one, or by none: then the
// event is as unknown as before.
func (q *query) handle(ctx context.Context, e *pendingEvent) {
	for ctx.Err() == nil {
		q.mu.Lock()
		o := e.copies[0]
		q.mu.Unlock()
		var err error
		if !o.copy.forged.Load() {
			err = q.deliver(ctx, engine.Received{
				Event: o.copy.event, Relay: o.subscriber.relay, Backlog: o.backlog, Verify: o.copy.verify,
			})
		}
		if o.copy.forged.Load() {
			if q.dropCopy(e) {
				continue
			}
			return
		}
		if err == nil {
			q.markHandled(e)
			return
		}
		q.retryLater(ctx, e)
		return
	}
}

// discard drops the copy that was just tried and reports whether there is another one.
func (q *query) dropCopy(e *pendingEvent) bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	if len(e.copies) > 1 {
		e.copies = e.copies[1:]
		return true
	}
	q.remove(e)
	return false
}

// settle remembers an event as handled.
func (q *query) markHandled(e *pendingEvent) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.handled.put(e.id, struct{}{})
	q.remove(e)
}

// remove takes an event out of hand and calls back the legs that were turned away, once there is real room.
func (q *query) remove(e *pendingEvent) {
	delete(q.inflight, e.id)
	q.bytes -= e.size
	if q.roomWanted && q.hasRoom() {
		q.roomWanted = false
		close(q.freed)
		q.freed = make(chan struct{})
	}
}

// hasRoom reports whether a page fits in. The lock is held.
func (q *query) hasRoom() bool {
	return len(q.inflight) <= storedEvents-pageOfOne && q.bytes <= queueBytes/4
}

// postpone delivers the event again later. Until then it stays in hand and holds its legs' positions.
func (q *query) retryLater(ctx context.Context, e *pendingEvent) {
	if ctx.Err() != nil {
		return
	}
	// A try that comes after the end waits in a line that nobody takes from any more.
	time.AfterFunc(e.tries.Jittered(), func() {
		q.mu.Lock()
		defer q.mu.Unlock()
		q.enqueue(e)
	})
}

// roomFreed returns a channel that is closed when there is room for a page; already closed when there is.
func (q *query) roomFreed() <-chan struct{} {
	q.mu.Lock()
	defer q.mu.Unlock()
	if !q.hasRoom() {
		q.roomWanted = true
		return q.freed
	}
	open := make(chan struct{})
	close(open)
	return open
}

// reserve waits for room for a page and for the other legs that read one. done must follow unless ctx has ended.
func (q *query) reservePage(ctx context.Context) (done func(), err error) {
	select {
	case q.paging <- struct{}{}:
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	select {
	case <-q.roomFreed():
		return func() { <-q.paging }, nil
	case <-ctx.Done():
		<-q.paging
		return nil, ctx.Err()
	}
}

// hasBacklogOf reports whether any copy of a waiting event is backlog of this leg.
func (e *pendingEvent) hasBacklogOf(sub *subscriber) bool {
	return slices.ContainsFunc(e.copies, func(o offer) bool { return o.subscriber == sub && o.backlog })
}
