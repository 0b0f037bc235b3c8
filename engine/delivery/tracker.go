package delivery

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"sync"
	"time"

	"rhea/engine"
)

// maxTracked is how many events are followed at a time; the ledger knows the rest.
const maxTracked = 50_000

// progress is what became of one event of ours at its relays. Two rules may make the same event: each has its own.
type progress struct {
	// number is the ledger's; 0 until it has handed the event out.
	number int64
	// id is the event's; it changes when the event is replaced.
	id             string
	quorum, relays int
	accepted, lost int
	// untried holds the relays that this process still has to ask.
	untried []string
	// flying counts the tries under way.
	flying int
	// renewing keeps others from sending the event while another is made in its place.
	renewing bool
	// unsure says that a relay may have the event without having said so.
	unsure bool
	// earlier says that an earlier process committed it, and may have died while sending it.
	earlier bool
	// aliases are the ids of events that this one took the place of.
	aliases []string
	// untold says that the decision which made it was not told yet; reports of what became of it wait for that.
	untold  bool
	reports []func()
	// demands is what relays want instead of the event, by their addresses.
	demands map[string]demand
}

// demand is what a relay wants instead of the event with an id.
type demand struct {
	id string
	answer
}

// tracker follows the events that are on their way.
type tracker struct {
	ledger  engine.Owed
	started time.Time

	mu      sync.Mutex
	byID    map[string][]*progress
	untried int
	// left is what an earlier run left to be sent and this one has yet to try.
	left    map[engine.Debt]struct{}
	changed chan struct{}
}

func newTracker(l engine.Owed) *tracker {
	return &tracker{ledger: l, started: time.Now(), byID: make(map[string][]*progress), changed: make(chan struct{}, 1)}
}

// owe notes deliveries that are about to be committed.
func (f *tracker) owe(deliveries []engine.Delivery) {
	f.mu.Lock()
	defer f.mu.Unlock()
	made := make(map[string]*progress)
	for _, d := range deliveries {
		e := made[d.Event.ID]
		if e == nil {
			e = &progress{id: d.Event.ID, quorum: d.Quorum, untold: true}
			made[d.Event.ID] = e
			f.byID[e.id] = append(f.byID[e.id], e)
		}
		if !slices.Contains(e.untried, d.Relay) {
			e.relays++
			e.untried = append(e.untried, d.Relay)
			f.untried++
		}
	}
}

// disown takes back what owe noted, because it was not committed.
func (f *tracker) disown(deliveries []engine.Delivery) {
	f.mu.Lock()
	defer f.mu.Unlock()
	gone := make(map[string]bool)
	for _, d := range deliveries {
		if gone[d.Event.ID] {
			continue
		}
		gone[d.Event.ID] = true
		all := f.byID[d.Event.ID]
		// What another entry made of the same event lives on; the latest was never handed out.
		for i, e := range slices.Backward(all) {
			if e.number == 0 && slices.Contains(e.untried, d.Relay) {
				f.untried -= len(e.untried)
				f.forget(d.Event.ID, all[i])
				break
			}
		}
	}
	f.signal()
}

func (f *tracker) signal() {
	select {
	case f.changed <- struct{}{}:
	default:
	}
}

// begin notes a try. It is not ok when the delivery is an older copy of what is owed, or about to become one.
func (f *tracker) begin(ctx context.Context, d engine.Delivery) (e *progress, ok bool, err error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if e = f.find(d); e == nil {
		f.mu.Unlock()
		e, err = f.recall(ctx, d)
		f.mu.Lock()
		if err != nil {
			return nil, false, err
		}
		if known := f.find(d); known != nil {
			e = known
		} else {
			f.evict()
			f.byID[d.Event.ID] = append(f.byID[d.Event.ID], e)
		}
	}
	if e.id != d.Event.ID || e.renewing {
		return e, false, nil
	}
	e.flying++
	return e, true, nil
}

// find returns what is known of the event of a delivery; nil for nothing.
func (f *tracker) find(d engine.Delivery) *progress {
	all := f.byID[d.Event.ID]
	for _, e := range all {
		if e.number == d.Number {
			return e
		}
	}
	for _, e := range all {
		if e.number == 0 && slices.Contains(e.untried, d.Relay) {
			e.number = d.Number
			return e
		}
	}
	return nil
}

// forget ends what is known of an event under one of its ids.
func (f *tracker) forget(id string, e *progress) {
	f.byID[id] = slices.DeleteFunc(f.byID[id], func(x *progress) bool { return x == e })
	if len(f.byID[id]) == 0 {
		delete(f.byID, id)
	}
}

// recall reads from the ledger what this process does not know of an event.
func (f *tracker) recall(ctx context.Context, d engine.Delivery) (*progress, error) {
	all, err := f.ledger.Progress(ctx, d)
	if err != nil {
		return nil, err
	}
	e := &progress{number: d.Number, id: d.Event.ID, relays: len(all), earlier: d.Committed.Before(f.started)}
	e.quorum = min(max(d.Quorum, 1), max(e.relays, 1))
	for _, one := range all {
		switch {
		case one.State == engine.Accepted:
			e.accepted++
		case one.State == engine.Rejected, one.State == engine.GivenUp:
			// The one at hand may have been given up before and tried again by hand.
			if one.Relay != d.Relay {
				e.lost++
			}
		}
		e.unsure = e.unsure || Unanswered(one.Reason)
	}
	return e, nil
}

// evict forgets some event that can be recalled.
func (f *tracker) evict() {
	if len(f.byID) < maxTracked {
		return
	}
	for id, all := range f.byID {
		for _, e := range all {
			if e.flying == 0 && len(e.untried) == 0 && len(e.aliases) == 0 && !e.renewing && !e.untold {
				f.forget(id, e)
				return
			}
		}
	}
}

// news is what one settlement changed for the whole event.
type news struct {
	// first says that a relay has the event now and none had before.
	first bool
	// delivered says that the quorum is reached, undelivered that it cannot be reached any more.
	delivered, undelivered bool
	accepted, relays       int
	quorum                 int
}

// end notes what became of a try; asked says that it counts as one for [tracker.settled].
func (f *tracker) end(e *progress, d engine.Delivery, s engine.Settlement, unsure, asked bool) news {
	f.mu.Lock()
	defer f.mu.Unlock()
	e.flying--
	e.unsure = e.unsure || unsure
	if asked {
		f.tried(e, d, s)
	}
	n := news{quorum: e.quorum, relays: e.relays}
	switch s.State {
	case engine.Accepted:
		e.accepted++
		n.first, n.delivered = e.accepted == 1, e.accepted == e.quorum
	case engine.Rejected, engine.GivenUp:
		e.lost++
		left := e.relays - e.lost
		n.undelivered = left < e.quorum && left+1 >= e.quorum
	}
	n.accepted = e.accepted
	f.finish(e)
	return n
}

// finish forgets an event of which nothing more will be told. The caller holds the lock.
func (f *tracker) finish(e *progress) {
	if e.accepted+e.lost < e.relays || e.flying > 0 || e.untold {
		return
	}
	for _, id := range append(e.aliases, e.id) {
		f.forget(id, e)
	}
}

// report tells what became of a try, once it was told why the event was made.
func (f *tracker) report(e *progress, tell func()) {
	f.mu.Lock()
	if e.untold {
		e.reports = append(e.reports, tell)
		f.mu.Unlock()
		return
	}
	f.mu.Unlock()
	tell()
}

// told notes that it was told why events were made, and tells what became of them meanwhile.
func (f *tracker) told(deliveries []engine.Delivery) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for i, d := range deliveries {
		if i > 0 && deliveries[i-1].Event.ID == d.Event.ID {
			continue
		}
		all := f.byID[d.Event.ID]
		at := slices.IndexFunc(all, func(e *progress) bool { return e.untold })
		if at < 0 {
			continue
		}
		e := all[at]
		for len(e.reports) > 0 {
			reports := e.reports
			e.reports = nil
			f.mu.Unlock()
			for _, tell := range reports {
				tell()
			}
			f.mu.Lock()
		}
		e.untold = false
		f.finish(e)
	}
}

// tried notes that a relay was asked. The caller holds the lock.
func (f *tracker) tried(e *progress, d engine.Delivery, s engine.Settlement) {
	if i := slices.Index(e.untried, d.Relay); i >= 0 {
		e.untried = slices.Delete(e.untried, i, i+1)
		f.untried--
	}
	f.triedLeft(d, s)
	if f.untried+len(f.left) == 0 {
		f.signal()
	}
}

// settled waits until this process has asked every relay once for what it committed and for what it was told to
// [tracker.inherit], or ctx ends, and returns how many deliveries are left.
func (f *tracker) settled(ctx context.Context) int {
	for {
		f.mu.Lock()
		n := f.untried + len(f.left)
		f.mu.Unlock()
		if n == 0 {
			return 0
		}
		select {
		case <-f.changed:
		case <-ctx.Done():
			return n
		}
	}
}

// drop notes that a relay will not be asked for an event any more.
func (f *tracker) drop(event, relay string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, e := range f.byID[event] {
		i := slices.Index(e.untried, relay)
		if i < 0 {
			continue
		}
		e.untried = slices.Delete(e.untried, i, i+1)
		e.lost++
		f.untried--
	}
	if f.untried == 0 {
		f.signal()
	}
}

// inherit notes what an earlier run left and is due now, so that a run that ends by itself tries it first.
func (f *tracker) inherit(ctx context.Context) error {
	due, err := f.ledger.DueBy(ctx, time.Now(), maxTracked)
	if err != nil {
		return fmt.Errorf("reading what an earlier run left to be sent: %w", err)
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.left = make(map[engine.Debt]struct{}, len(due))
	for _, d := range due {
		f.left[d] = struct{}{}
	}
	return nil
}

// triedLeft notes a try of what was left. A relay that rests after it is asked nothing more for now. The caller holds the
// lock.
func (f *tracker) triedLeft(d engine.Delivery, s engine.Settlement) {
	delete(f.left, engine.Debt{Number: d.Number, Relay: d.Relay})
	if !s.Rest.IsZero() {
		maps.DeleteFunc(f.left, func(left engine.Debt, _ struct{}) bool { return left.Relay == d.Relay })
	}
}
