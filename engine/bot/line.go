package bot

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"rhea/engine"
)

const (
	// waitingPage is how many of those that wait are read at a time.
	waitingPage = 50
	// lookAgain is how soon a held rule, or one whose ledger failed, is looked at again.
	lookAgain = time.Minute
	// behindOthers is how soon a signal is looked at that has to wait only because others do.
	behindOthers = time.Second
	// lookAround is how long a line goes at most without a look at what others, such as upkeep, have done to it.
	lookAround = time.Hour
)

// ruleHeld is the mark of what waits for its rule to go on.
const ruleHeld = "hold"

// machineBusy is the mark of what could not be worked out for now. It holds up nothing else.
const machineBusy = "busy"

// line is the queue of a rule whose limit says so: it lets go, in order, what the limits allow. The signals are in the
// ledger; here is only what each of them waits for.
type line struct {
	runner *runner
	// bell says that the line has something to look at by then.
	bell   chan time.Time
	places places
}

func newLine(r *runner) *line {
	return &line{runner: r, bell: make(chan time.Time, 1), places: newPlaces()}
}

// ring has the line look at what waits by a time.
func (l *line) ring(at time.Time) {
	for {
		select {
		case l.bell <- at:
			return
		case before := <-l.bell:
			at = earliest(at, before)
		}
	}
}

// load learns what waits from earlier runs. It comes before any trigger emits.
func (l *line) load(ctx context.Context) error {
	blocked := make(map[string]bool)
	return l.each(ctx, func(w engine.Waiting, s engine.StoredSignal) error {
		t := sketch(s)
		mark, _, err := l.runner.blocking(ctx, t, blocked)
		if err != nil {
			return err
		}
		if mark != "" {
			blocked[mark] = true
		} else if all := l.runner.allowances(t); len(all) > 0 {
			mark = all[0].mark // It goes first all the same.
		}
		if mark != "" {
			l.places.put(w.Key, mark, t)
		}
		return nil
	})
}

// run lets go what the limits allow until ctx ends, with Once what they allow now.
func (l *line) run(ctx context.Context) {
	next := l.look(ctx)
	for ctx.Err() == nil && !l.runner.engine.Once {
		timer := time.NewTimer(next.Sub(l.runner.engine.Clock.Now()))
		select {
		case <-ctx.Done():
		case at := <-l.bell:
			next = earliest(next, at)
		case <-timer.C:
			next = l.look(ctx)
		}
		timer.Stop()
	}
}

// last lets go what was put into the line during a single pass.
func (l *line) last(ctx context.Context) {
	select {
	case <-l.bell:
		l.look(ctx)
	default:
	}
}

// look goes once through what waits, and says when to do it again.
func (l *line) look(ctx context.Context) (next time.Time) {
	next, err := l.pass(ctx)
	if err != nil {
		if ctx.Err() == nil {
			l.runner.log.Error("what waits for a limit cannot go on", "error", err, "again_in", engine.Duration(lookAgain))
		}
		return l.runner.engine.Clock.Now().Add(lookAgain)
	}
	return next
}

// pass goes through what waits in order. What waits for a limit holds up those behind it that wait for the same.
func (l *line) pass(ctx context.Context) (next time.Time, err error) {
	now := l.runner.engine.Clock.Now()
	next = now.Add(lookAround)
	if reason, err := l.runner.held(ctx); err != nil || reason != "" {
		return now.Add(lookAgain), err
	}
	l.places.begin()
	blocked := make(map[string]bool)
	err = l.each(ctx, func(w engine.Waiting, s engine.StoredSignal) error {
		t := sketch(s)
		mark, free, err := l.runner.blocking(ctx, t, blocked)
		if err == nil && mark == "" {
			mark, free, err = l.release(ctx, w, s)
		}
		if stuck, ok := errors.AsType[*stuckError](err); ok && ctx.Err() == nil {
			l.runner.log.Warn("what waits for a limit cannot go on; others pass it", "signal", w.Key, "error", stuck.err,
				"again_in", engine.Duration(lookAgain))
			l.places.put(w.Key, "", t)
			next = earliest(next, now.Add(lookAgain))
			return nil
		}
		if err != nil {
			return err
		}
		if mark == "" {
			l.places.leave(w.Key)
			return nil
		}
		blocked[mark] = true
		l.places.put(w.Key, mark, t)
		if !free.IsZero() {
			next = earliest(next, free)
		}
		return nil
	})
	if err == nil {
		l.places.end()
	}
	return next, err
}

// each calls do for everything that waits, in order.
func (l *line) each(ctx context.Context, do func(engine.Waiting, engine.StoredSignal) error) error {
	for behind := int64(0); ; {
		page, err := l.runner.ledger.Waiting(ctx, l.runner.rule.Name, behind, waitingPage)
		if err != nil {
			return fmt.Errorf("reading what waits: %w", err)
		}
		for _, w := range page {
			behind = w.Number
			var s engine.StoredSignal
			err := json.Unmarshal([]byte(w.Signal), &s)
			if err != nil {
				err = l.end(ctx, w, fmt.Sprintf("what has waited cannot be read: %v", err))
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

// end ends the wait of a signal that nothing can be made of, so that those behind it go on.
func (l *line) end(ctx context.Context, w engine.Waiting, reason string) error {
	t := l.runner.begin(ctx, "", engine.Signal{Key: w.Key, Data: new(noData)})
	t.waited = true
	t.stop(engine.ActionError, reason)
	l.places.leave(w.Key)
	return l.runner.close(ctx, t)
}

// release carries a signal on from where it began to wait. When a limit still holds it up, it says which.
func (l *line) release(ctx context.Context, w engine.Waiting, s engine.StoredSignal) (mark string, free time.Time, err error) {
	r := l.runner
	signal, err := r.again(ctx, w.Key, s)
	m, changed := errors.AsType[*engine.Mismatch](err)
	if err != nil && !changed {
		return "", time.Time{}, &stuckError{err}
	}
	if changed {
		signal = engine.Signal{Key: w.Key, Event: s.Event, Relay: s.Relay, Data: new(noData)}
	}
	t := r.begin(ctx, s.Trigger, signal)
	t.waited, t.path = true, s.Path
	t.notes = []string{"waited since " + s.At.UTC().Format(time.RFC3339)}
	if t.again = s.Failed != ""; t.again {
		t.offered = s.Offered
		t.notes = []string{s.Note()}
	}
	if changed {
		t.stop(engine.ConditionFalse, "it has waited, and nothing makes it fire any more: "+m.Reason)
		return "", time.Time{}, r.close(ctx, t)
	}
	err = r.carry(ctx, t)
	switch {
	case t.held && err == nil:
		return ruleHeld, r.engine.Clock.Now().Add(lookAgain), nil
	case errors.Is(err, engine.ErrBusy):
		return machineBusy, r.engine.Clock.Now().Add(lookAgain), nil
	}
	return t.blocked, t.free, err
}

// stuckError says that a trigger cannot make a signal again for now, such as one that finds no relay to ask.
type stuckError struct{ err error }

func (s *stuckError) Error() string { return s.err.Error() }

func earliest(a, b time.Time) time.Time {
	if b.Before(a) {
		return b
	}
	return a
}

// noData is what expressions see of a signal that cannot be made again: nothing.
type noData struct{ engine.Scope }

// sketch is as much of a signal as limits ask about.
func sketch(s engine.StoredSignal) *trial {
	return &trial{Signal: engine.Signal{Event: s.Event, Thread: s.Thread}, path: s.Path}
}
