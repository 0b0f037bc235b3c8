package queue

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"rhea/engine"
	"rhea/engine/gate"
)

// Load learns what waits from earlier runs. It comes before any trigger emits.
func (q *Queue) Load(ctx context.Context) error {
	err := q.load(ctx)
	q.left = err != nil || q.read > 0
	return err
}

func (q *Queue) load(ctx context.Context) error {
	blocked := make(map[string]bool)
	return q.each(ctx, 0, func(w engine.Waiting, s engine.StoredSignal) error {
		counter, free, err := q.opts.Owner.Blocking(ctx, s, blocked)
		if err != nil {
			return err
		}
		if counter != "" {
			blocked[counter] = true
		} else {
			counter = q.opts.Owner.First(s) // It goes first all the same.
		}
		if counter != "" {
			q.opts.Waiters.put(waiter{key: w.Key, counter: counter, author: author(s), number: w.Number, free: free})
		}
		return nil
	})
}

// Begin lets go what the limits allow until ctx ends, with Once what they allow now. A goroutine looks at the queue, but
// only while something waits.
func (q *Queue) Begin(ctx context.Context) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.ctx = ctx
	switch {
	case !q.left:
		q.start() // Somebody may have asked for a look already.
	case q.opts.Once:
		q.running.Go(func() { q.look(ctx) })
	default:
		q.begin(q.opts.Clock.Now())
	}
}

// End waits for the last look. The context of Begin has ended, with Once all triggers have.
func (q *Queue) End() {
	q.mu.Lock()
	q.ctx = nil
	q.mu.Unlock()
	q.running.Wait()
}

// start begins to look when somebody has asked for it, unless that is being done. The lock is held.
func (q *Queue) start() {
	if q.ctx == nil || q.looking || q.opts.Once {
		return
	}
	select {
	case at := <-q.due:
		q.begin(at)
	default:
	}
}

// begin looks from a time on. The lock is held.
func (q *Queue) begin(at time.Time) {
	q.looking = true
	ctx, due, at := q.ctx, q.notes(), earliest(at, q.opts.Clock.Now().Add(lookAround))
	q.running.Go(func() { q.watch(ctx, due, at) })
}

// watch looks at the queue, at first at a time, until nothing waits.
func (q *Queue) watch(ctx context.Context, due <-chan time.Time, next time.Time) {
	for done := false; ctx.Err() == nil && !(done && q.rests()); {
		timer := time.NewTimer(next.Sub(q.opts.Clock.Now()))
		select {
		case <-ctx.Done():
		case at := <-due:
			next, done = earliest(next, at), false
		case <-timer.C:
			next, done = q.look(ctx)
		}
		timer.Stop()
	}
}

// rests ends the watch when nothing waits. Whoever asks for a look from then on begins another one.
func (q *Queue) rests() bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	waits, _ := q.opts.Waiters.Count("")
	q.looking = waits > 0 || len(q.due) > 0
	return !q.looking
}

// Last lets go what was put into the queue during a single pass.
func (q *Queue) Last(ctx context.Context) {
	q.mu.Lock()
	due := q.due
	q.mu.Unlock()
	select {
	case <-due:
		q.look(ctx)
	default:
	}
}

// look goes once through what waits, and says when to do it again. Done says that it has met all that waits.
func (q *Queue) look(ctx context.Context) (next time.Time, done bool) {
	next, done, err := q.pass(ctx)
	if err != nil {
		q.whole = time.Time{} // What is known of the order may be wrong.
		if ctx.Err() == nil {
			q.opts.Log.Error("what waits for a limit cannot go on", "error", err, "again_in", engine.Duration(LookAgain))
		}
		return q.opts.Clock.Now().Add(LookAgain), false
	}
	return next, done
}

// round is one look at what waits, in order. What waits for a limit holds up those behind it that wait for the same.
type round struct {
	now     time.Time
	next    time.Time
	blocked map[string]bool
}

// pass lets go what may go on; a rule that is held meets nothing.
func (q *Queue) pass(ctx context.Context) (next time.Time, met bool, err error) {
	now := q.opts.Clock.Now()
	if reason, err := q.opts.Owner.Held(ctx); err != nil || reason != "" {
		return now.Add(LookAgain), false, err
	}
	r := &round{now: now, next: now.Add(lookAround), blocked: make(map[string]bool)}
	if !now.Before(q.whole) {
		err = q.all(ctx, r)
	} else {
		err = q.dueBy(ctx, r)
	}
	return r.next, true, err
}

// all looks at everything that waits, and finds out what others, such as upkeep, have taken out.
func (q *Queue) all(ctx context.Context, r *round) error {
	q.opts.Waiters.begin()
	if err := q.each(ctx, 0, func(w engine.Waiting, s engine.StoredSignal) error { return q.meet(ctx, r, w, s) }); err != nil {
		return err
	}
	q.opts.Waiters.end()
	q.whole = r.now.Add(lookAround)
	return nil
}

// dueBy looks at what may go on by now, and at what has come since the last look. Of what waits for the same limit it reads
// the first only.
func (q *Queue) dueBy(ctx context.Context, r *round) error {
	for _, one := range q.opts.Waiters.inOrder() {
		switch {
		case one.counter != "" && r.blocked[one.counter]:
			continue
		case one.free.After(r.now):
			r.blocked[one.counter] = one.counter != ""
			r.next = earliest(r.next, one.free)
			continue
		}
		if err := q.again(ctx, r, one); err != nil {
			return err
		}
	}
	return q.each(ctx, q.read, func(w engine.Waiting, s engine.StoredSignal) error { return q.meet(ctx, r, w, s) })
}

// again reads one signal and looks at it.
func (q *Queue) again(ctx context.Context, r *round, one waiter) error {
	page, err := q.opts.Ledger.Waiting(ctx, q.opts.Rule, one.number-1, 1)
	if err != nil {
		return fmt.Errorf("reading what waits: %w", err)
	}
	if len(page) == 0 || page[0].Number != one.number || page[0].Key != one.key {
		q.opts.Waiters.leave(one.key)
		return nil
	}
	return q.one(ctx, page[0], func(w engine.Waiting, s engine.StoredSignal) error { return q.meet(ctx, r, w, s) })
}

// meet lets one signal go on, or notes what it waits for.
func (q *Queue) meet(ctx context.Context, r *round, w engine.Waiting, s engine.StoredSignal) error {
	counter, free, err := q.opts.Owner.Blocking(ctx, s, r.blocked)
	if err != nil {
		return err
	}
	if counter == "" {
		wait, err := q.release(ctx, w, s)
		switch {
		case err != nil:
			return err
		case wait == nil:
			q.opts.Waiters.leave(w.Key)
			return nil
		}
		counter, free = wait.Counter, wait.Free
	}
	r.blocked[counter] = counter != ""
	q.opts.Waiters.put(waiter{key: w.Key, counter: counter, author: author(s), number: w.Number, free: free})
	if !free.IsZero() {
		r.next = earliest(r.next, free)
	}
	return nil
}

// release carries a signal on. When something still holds it up, it says what. What holds up nobody else has no counter.
func (q *Queue) release(ctx context.Context, w engine.Waiting, s engine.StoredSignal) (*gate.Wait, error) {
	wait, err := q.opts.Owner.Release(ctx, w, s)
	again := &gate.Wait{Free: q.opts.Clock.Now().Add(LookAgain)}
	if errors.Is(err, engine.ErrBusy) {
		return again, nil
	}
	if stuck, ok := errors.AsType[*Stuck](err); ok && ctx.Err() == nil {
		q.opts.Log.Warn("what waits for a limit cannot go on; others pass it", "signal", w.Key, "error", stuck.Err,
			"again_in", engine.Duration(LookAgain))
		return again, nil
	}
	return wait, err
}

// each calls do for everything that waits behind a number, in order.
func (q *Queue) each(ctx context.Context, behind int64, do func(engine.Waiting, engine.StoredSignal) error) error {
	for {
		page, err := q.opts.Ledger.Waiting(ctx, q.opts.Rule, behind, waitingPage)
		if err != nil {
			return fmt.Errorf("reading what waits: %w", err)
		}
		for _, w := range page {
			behind = w.Number
			q.read = max(q.read, w.Number)
			if err := q.one(ctx, w, do); err != nil {
				return err
			}
		}
		if len(page) < waitingPage {
			return nil
		}
	}
}

// one calls do for a signal. One that cannot be read ends its wait, so that those behind it go on.
func (q *Queue) one(ctx context.Context, w engine.Waiting, do func(engine.Waiting, engine.StoredSignal) error) error {
	var s engine.StoredSignal
	if err := json.Unmarshal([]byte(w.Signal), &s); err != nil {
		q.opts.Waiters.leave(w.Key)
		return q.opts.Owner.Discard(ctx, w, fmt.Sprintf("what has waited cannot be read: %v", err))
	}
	return do(w, s)
}

// author is who has caused a signal, "" for nobody.
func author(s engine.StoredSignal) string {
	if s.Event == nil {
		return ""
	}
	return s.Event.PubKey
}
