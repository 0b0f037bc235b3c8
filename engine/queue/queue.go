package queue

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"rhea/engine"
	"rhea/engine/gate"
)

const (
	// waitingPage is how many of those that wait are read at a time.
	waitingPage = 50
	// LookAgain is how soon a held rule, or one whose ledger failed, is looked at again.
	LookAgain = time.Minute
	// behindOthers is how soon a signal is looked at that has to wait only because others do.
	behindOthers = time.Second
	// lookAround is how long a queue goes at most without a look at what others, such as upkeep, have done to it.
	lookAround = time.Hour
)

// machineBusy is the mark of what could not be worked out for now. It holds up nothing else.
const machineBusy = "busy"

// Owner is the rule whose signals wait.
type Owner interface {
	// Held returns what to say when the rule is held, "" when it is not.
	Held(ctx context.Context) (string, error)
	// Blocking returns the first mark that holds a waiting signal up, and until when, zero when it is one of those before
	// it. First is the mark that comes first, if any does.
	Blocking(ctx context.Context, s engine.StoredSignal, before map[string]bool) (mark string, free time.Time, err error)
	First(s engine.StoredSignal) string
	// Release carries a signal on from where it began to wait. When something still holds it up, it says what. A [*Stuck]
	// lets others pass.
	Release(ctx context.Context, w engine.Waiting, s engine.StoredSignal) (*gate.Wait, error)
	// Discard ends the wait of a signal that nothing can be made of.
	Discard(ctx context.Context, w engine.Waiting, reason string) error
}

// Options are what a [Queue] needs.
type Options struct {
	Rule   string
	Ledger engine.Waits
	Owner  Owner
	// Waiters is empty; [Queue.Load] fills it.
	Waiters *Waiters
	Clock   engine.Clock
	// Once has Run end after what the limits allow now.
	Once bool
	Log  *slog.Logger
}

// Queue lets go, in order, what the limits of a rule allow. The signals are in the ledger; here is only what each of them
// waits for.
type Queue struct {
	opts Options
	// due says that the queue has something to look at by then.
	due chan time.Time
}

// New returns a queue that knows of nothing that waits, see [Queue.Load].
func New(o Options) *Queue {
	return &Queue{opts: o, due: make(chan time.Time, 1)}
}

// Put notes that a signal of an author waits for a mark, and looks at it when the mark is free.
func (q *Queue) Put(key, mark, author string, free time.Time) {
	q.opts.Waiters.put(key, mark, author)
	if free.IsZero() {
		free = q.opts.Clock.Now().Add(behindOthers)
	}
	q.LookBy(free)
}

// Drop notes that signals were taken out of the queue by hand in the ledger, so that what waits behind them goes on.
func (q *Queue) Drop(keys []string) {
	for _, key := range keys {
		q.opts.Waiters.leave(key)
	}
	q.LookBy(q.opts.Clock.Now())
}

// LookBy has the queue look at what waits by a time.
func (q *Queue) LookBy(at time.Time) {
	for {
		select {
		case q.due <- at:
			return
		case before := <-q.due:
			at = earliest(at, before)
		}
	}
}

// Load learns what waits from earlier runs. It comes before any trigger emits.
func (q *Queue) Load(ctx context.Context) error {
	blocked := make(map[string]bool)
	return q.each(ctx, func(w engine.Waiting, s engine.StoredSignal) error {
		mark, _, err := q.opts.Owner.Blocking(ctx, s, blocked)
		if err != nil {
			return err
		}
		if mark != "" {
			blocked[mark] = true
		} else {
			mark = q.opts.Owner.First(s) // It goes first all the same.
		}
		if mark != "" {
			q.opts.Waiters.put(w.Key, mark, author(s))
		}
		return nil
	})
}

// Run lets go what the limits allow until ctx ends, with Once what they allow now.
func (q *Queue) Run(ctx context.Context) {
	next := q.look(ctx)
	for ctx.Err() == nil && !q.opts.Once {
		timer := time.NewTimer(next.Sub(q.opts.Clock.Now()))
		select {
		case <-ctx.Done():
		case at := <-q.due:
			next = earliest(next, at)
		case <-timer.C:
			next = q.look(ctx)
		}
		timer.Stop()
	}
}

// Last lets go what was put into the queue during a single pass.
func (q *Queue) Last(ctx context.Context) {
	select {
	case <-q.due:
		q.look(ctx)
	default:
	}
}

// look goes once through what waits, and says when to do it again.
func (q *Queue) look(ctx context.Context) (next time.Time) {
	next, err := q.pass(ctx)
	if err != nil {
		if ctx.Err() == nil {
			q.opts.Log.Error("what waits for a limit cannot go on", "error", err, "again_in", engine.Duration(LookAgain))
		}
		return q.opts.Clock.Now().Add(LookAgain)
	}
	return next
}

// pass goes through what waits in order. What waits for a limit holds up those behind it that wait for the same.
func (q *Queue) pass(ctx context.Context) (next time.Time, err error) {
	now := q.opts.Clock.Now()
	next = now.Add(lookAround)
	if reason, err := q.opts.Owner.Held(ctx); err != nil || reason != "" {
		return now.Add(LookAgain), err
	}
	q.opts.Waiters.begin()
	blocked := make(map[string]bool)
	err = q.each(ctx, func(w engine.Waiting, s engine.StoredSignal) error {
		mark, free, err := q.opts.Owner.Blocking(ctx, s, blocked)
		if err == nil && mark == "" {
			mark, free, err = q.release(ctx, w, s)
		}
		if stuck, ok := errors.AsType[*Stuck](err); ok && ctx.Err() == nil {
			q.opts.Log.Warn("what waits for a limit cannot go on; others pass it", "signal", w.Key, "error", stuck.Err,
				"again_in", engine.Duration(LookAgain))
			q.opts.Waiters.put(w.Key, "", author(s))
			next = earliest(next, now.Add(LookAgain))
			return nil
		}
		if err != nil {
			return err
		}
		if mark == "" {
			q.opts.Waiters.leave(w.Key)
			return nil
		}
		blocked[mark] = true
		q.opts.Waiters.put(w.Key, mark, author(s))
		if !free.IsZero() {
			next = earliest(next, free)
		}
		return nil
	})
	if err == nil {
		q.opts.Waiters.end()
	}
	return next, err
}

// release carries a signal on. When something still holds it up, it says what, and until when if that is known.
func (q *Queue) release(ctx context.Context, w engine.Waiting, s engine.StoredSignal) (mark string, free time.Time, err error) {
	wait, err := q.opts.Owner.Release(ctx, w, s)
	switch {
	case errors.Is(err, engine.ErrBusy):
		return machineBusy, q.opts.Clock.Now().Add(LookAgain), nil
	case err != nil || wait == nil:
		return "", time.Time{}, err
	}
	return wait.Mark, wait.Free, nil
}

// each calls do for everything that waits, in order.
func (q *Queue) each(ctx context.Context, do func(engine.Waiting, engine.StoredSignal) error) error {
	for behind := int64(0); ; {
		page, err := q.opts.Ledger.Waiting(ctx, q.opts.Rule, behind, waitingPage)
		if err != nil {
			return fmt.Errorf("reading what waits: %w", err)
		}
		for _, w := range page {
			behind = w.Number
			var s engine.StoredSignal
			err := json.Unmarshal([]byte(w.Signal), &s)
			if err != nil {
				err = q.opts.Owner.Discard(ctx, w, fmt.Sprintf("what has waited cannot be read: %v", err))
				q.opts.Waiters.leave(w.Key)
			} else {
				err = do(w, s)
			}
			if err != nil {
				return err
			}
		}
		if len(page) < waitingPage {
			return nil
		}
	}
}

// Stuck says that a trigger cannot make a signal again for now, such as one that finds no relay to ask.
type Stuck struct{ Err error }

func (s *Stuck) Error() string { return s.Err.Error() }

func earliest(a, b time.Time) time.Time {
	if b.Before(a) {
		return b
	}
	return a
}

// author is who has caused a signal, "" for nobody.
func author(s engine.StoredSignal) string {
	if s.Event == nil {
		return ""
	}
	return s.Event.PubKey
}
