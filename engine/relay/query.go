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
	// queueEvents and queueBytes bound the events that a query has in flight.
	queueEvents = 512
	queueBytes  = 16 << 20
	// storedEvents and storedBytes are the part of that for stored events; the rest is for live ones.
	storedEvents = queueEvents * 3 / 4
	storedBytes  = queueBytes * 3 / 4
	// crowdedEvents is how many events in flight make a crowd: what nobody wants takes no place then.
	crowdedEvents = queueEvents / 4
	// handledEvents is how many ids of handled events a query keeps at least; the ledger keeps the rest.
	handledEvents = 4096
	// copiesPerLeg is how many signatures one relay may send under one id while the event waits.
	copiesPerLeg   = 4
	maxConcurrency = 256
)

// query delivers each event that its subscribers offer to one consumer, once, whatever the number of relays. What it
// keeps events in is made for the first one: most queries wait.
type query struct {
	deliver func(context.Context, engine.Received) error
	// ahead is called with each event that has to wait; nil without a listener.
	ahead func(*nostr.Event)
	// unwanted is asked about new events while many wait; nil when all are wanted.
	unwanted func(engine.Received) bool
	workers  int
	// parent is the caller's context.
	parent  context.Context
	running sync.WaitGroup

	mu sync.Mutex
	// ctx is that of the deliveries, nil before the first one.
	ctx    context.Context
	cancel context.CancelCauseFunc
	// working counts the workers; when over is true no other one starts.
	working  int
	over     bool
	inflight map[wire.EventID]*pendingEvent
	bytes    int
	// ready are the events that wait for a worker. byAuthor has an entry for each author with a busy worker: the
	// further events of that author.
	ready    []*pendingEvent
	byAuthor map[string][]*pendingEvent
	handled  window[wire.EventID, struct{}]
	// freed is closed when there is room for a page again; nil while nobody waits for that. paging is held while a member
	// reads a page.
	freed  chan struct{}
	paging chan struct{}
}

// pendingEvent is an event in flight: offered by at least one subscriber and not handled yet.
type pendingEvent struct {
	id     wire.EventID
	author string
	copies []offer
	// floors holds, for each subscriber that has offered the event, the position that it must not pass until the event
	// is handled.
	floors map[*subscriber]int64
	// size is that of the first copy.
	size  int
	tries engine.Backoff
}

// offer is an event as one subscriber received it.
type offer struct {
	subscriber *subscriber
	copy       *checked
	floor      int64
	backlog    bool
	// stored is true for events that can be asked for again. They may fill only a part of the room.
	stored bool
}

func newQuery(ctx context.Context, concurrency int, deliver func(context.Context, engine.Received) error) *query {
	return &query{
		deliver: deliver,
		parent:  ctx,
		workers: min(max(concurrency, 1), maxConcurrency),
		handled: window[wire.EventID, struct{}]{limit: handledEvents},
	}
}

func (q *query) isHandled(id wire.EventID) bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	_, ok := q.handled.get(id)
	return ok
}

// has reports whether an event was handled or is in flight.
func (q *query) has(id wire.EventID) bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	_, handled := q.handled.get(id)
	return handled || q.inflight[id] != nil
}

// accept takes an offer. False means that the query is full and the subscriber must offer the event again later.
func (q *query) accept(o offer) bool {
	if !o.stored && q.unwanted != nil && q.isCrowded() && q.unwanted(o.received()) {
		return true
	}
	taken, waits := q.add(o)
	if waits && q.ahead != nil && !o.backlog {
		q.ahead(o.copy.event)
	}
	return taken
}

// isCrowded reports whether many events are in flight. What is stored can be asked for again.
func (q *query) isCrowded() bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	return len(q.inflight) >= crowdedEvents
}

// received is the event as it is delivered.
func (o offer) received() engine.Received {
	return engine.Received{Event: o.copy.event, Relay: o.subscriber.relay, Backlog: o.backlog, Verify: o.copy.verify}
}

// add puts an offer in flight and reports whether the event is new and has to wait for others.
func (q *query) add(o offer) (taken, waits bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	id := o.copy.key.ID
	if _, ok := q.handled.get(id); ok || o.copy.forged.Load() {
		return true, false
	}
	if o.stored {
		o.floor = o.subscriber.cursor.Since // The position does not move before all stored events were read.
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
	if q.inflight == nil {
		q.inflight, q.byAuthor = make(map[wire.EventID]*pendingEvent), make(map[string][]*pendingEvent)
	}
	q.inflight[id] = e
	q.bytes += o.copy.size
	q.enqueue(e)
	return true, len(q.inflight) > q.workers
}

// add stores the offer of another relay, and its copy if the signature differs: that one may be the valid one.
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

// handle delivers an event. A forged copy is replaced by the next one. Without another copy the event is unknown again.
func (q *query) handle(ctx context.Context, e *pendingEvent) {
	for ctx.Err() == nil {
		q.mu.Lock()
		o := e.copies[0]
		q.mu.Unlock()
		var err error
		if !o.copy.forged.Load() {
			err = q.deliver(ctx, o.received())
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

// dropCopy removes the copy that was just tried and reports whether there is another one.
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

// markHandled stores the id of a handled event.
func (q *query) markHandled(e *pendingEvent) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.handled.put(e.id, struct{}{})
	q.remove(e)
}

// remove takes an event out of flight and wakes the members that wait for room, once a page fits.
func (q *query) remove(e *pendingEvent) {
	delete(q.inflight, e.id)
	q.bytes -= e.size
	if q.freed != nil && q.hasRoom() {
		close(q.freed)
		q.freed = nil
	}
}

// hasRoom reports whether a page fits. The lock is held.
func (q *query) hasRoom() bool {
	return len(q.inflight) <= storedEvents-pageOfOne && q.bytes <= queueBytes/4
}

// retryLater delivers the event again after a pause. Until then it stays in flight and keeps the positions of its
// subscribers.
func (q *query) retryLater(ctx context.Context, e *pendingEvent) {
	if ctx.Err() != nil {
		return
	}
	// After the end no worker takes the event.
	time.AfterFunc(e.tries.Jittered(), func() {
		q.mu.Lock()
		defer q.mu.Unlock()
		q.enqueue(e)
	})
}

// roomFreed returns a channel that is closed when there is room for a page.
func (q *query) roomFreed() <-chan struct{} {
	q.mu.Lock()
	defer q.mu.Unlock()
	if !q.hasRoom() {
		if q.freed == nil {
			q.freed = make(chan struct{})
		}
		return q.freed
	}
	open := make(chan struct{})
	close(open)
	return open
}

// reservePage waits for room for a page and for the other members that read one. done must be called unless ctx has
// ended.
func (q *query) reservePage(ctx context.Context) (done func(), err error) {
	q.mu.Lock()
	if q.paging == nil {
		q.paging = make(chan struct{}, 1)
	}
	paging := q.paging
	q.mu.Unlock()
	select {
	case paging <- struct{}{}:
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	select {
	case <-q.roomFreed():
		return func() { <-paging }, nil
	case <-ctx.Done():
		<-paging
		return nil, ctx.Err()
	}
}

// hasBacklogOf reports whether a copy of the event is backlog of this subscriber.
func (e *pendingEvent) hasBacklogOf(sub *subscriber) bool {
	return slices.ContainsFunc(e.copies, func(o offer) bool { return o.subscriber == sub && o.backlog })
}
