package lookup

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"time"

	"github.com/nbd-wtf/go-nostr"

	"rhea/engine"
)

const (
	// graceTime is how much longer the other relays may take when one has what is asked for, and usualPatience how
	// long they may take when one has nothing and the look-up says nothing else.
	graceTime, usualPatience = 300 * time.Millisecond, 3 * time.Second
	// answerDeadline is how long a question waits when nobody answers, and silentDeadline how long when those that are
	// asked did not answer the last one either.
	answerDeadline, silentDeadline = 10 * time.Second, time.Second
	// reconnectAgain is how soon a relay without a connection is asked again when no other one answers.
	reconnectAgain = time.Second
)

// round is one question to all relays. Only its own goroutine touches it.
type round[V any] struct {
	lookup   *Newest[V]
	filter   nostr.Filter
	began    time.Time
	findings map[string]*finding[V]
	// open are the findings that wait for the end of the round, and newest is what was found so far.
	open   map[string]*finding[V]
	newest map[string]*nostr.Event
	// asked are the relays that have not answered yet.
	asked   map[*relay]bool
	answers chan answer
	// done is when the first relay had answered.
	done time.Time
	// answered says that a relay answered, away that one could not be asked for lack of a connection, graced that what
	// is found need not wait for others, and left that the next question may leave.
	answered, away, graced, left bool
}

// answer is what one relay said.
type answer struct {
	from   *relay
	events []nostr.Event
	err    error
}

func newRound[V any](l *Newest[V], batch []*finding[V]) *round[V] {
	r := &round[V]{
		lookup: l, began: time.Now(), graced: l.opts.Fixed,
		findings: make(map[string]*finding[V]), open: make(map[string]*finding[V]), newest: make(map[string]*nostr.Event),
		asked: make(map[*relay]bool), answers: make(chan answer, len(l.relays)),
	}
	keys := make([]string, len(batch))
	for i, f := range batch {
		keys[i] = f.key
		r.findings[f.key], r.open[f.key] = f, f
	}
	r.filter = l.opts.Filter(keys)
	r.filter.Limit = len(keys)
	return r
}

// run asks until everything is settled, and listens for what comes later.
func (r *round[V]) run(ctx context.Context) {
	r.ask(ctx)
	// The connection with the only relay may just be coming back.
	for r.away && !r.answered && len(r.open) > 0 && time.Since(r.began)+reconnectAgain < answerDeadline {
		select {
		case <-time.After(reconnectAgain):
			r.ask(ctx)
		case <-ctx.Done():
			r.away = false
		}
	}
	r.settle(ctx)
	r.leave(ctx)
}

// ask asks every relay once and returns when all have answered or were given up.
func (r *round[V]) ask(ctx context.Context) {
	limited, cancel := context.WithTimeout(ctx, answerDeadline)
	defer cancel()
	r.away = false
	for _, one := range r.lookup.relays {
		if one.enter() {
			r.asked[one] = true
			spawn(ctx, func() { r.put(limited, one) })
		}
	}
	patience := time.NewTimer(r.lookup.opts.Patience)
	defer patience.Stop()
	deadline := time.NewTimer(r.remaining())
	defer deadline.Stop()
	var grace <-chan time.Time
	for len(r.asked) > 0 {
		select {
		case a := <-r.answers:
			r.hear(ctx, a)
			if len(r.newest) > 0 && grace == nil {
				grace = time.After(graceTime)
			}
			deadline.Reset(r.remaining())
		case <-grace:
			r.graced = true
			r.settleFound(ctx)
		case <-patience.C:
			for one := range r.asked {
				one.late(r.lookup.opts.Patience)
			}
			r.lookup.goOn(ctx)
		case <-deadline.C:
			r.settle(ctx)
			r.leave(ctx)
		}
		if r.answered && !r.anyAskedWithin(r.lookup.opts.Patience) {
			r.settle(ctx)
		}
	}
}

// put asks one relay.
func (r *round[V]) put(ctx context.Context, one *relay) {
	start := time.Now()
	events, err := r.lookup.opts.Source.Fetch(ctx, one.address, r.filter)
	took := time.Since(start)
	if ctx.Err() != nil {
		took = answerDeadline
		if len(events) == 0 {
			err = ctx.Err()
		}
	}
	one.leave(took)
	r.answers <- answer{one, events, err}
}

// hear takes one answer. What was found too late is kept for the next time.
func (r *round[V]) hear(ctx context.Context, a answer) {
	delete(r.asked, a.from)
	news := false
	for _, e := range a.events {
		key := r.lookup.opts.Key(&e)
		f, old := r.findings[key], r.newest[key]
		if f == nil || old != nil && !supersedes(&e, old) {
			continue
		}
		news = news || old == nil
		r.newest[key] = &e
		if r.open[key] == nil {
			r.keep(ctx, f, &e)
		}
	}
	if a.err == nil {
		if r.answered && !news && time.Since(r.done) >= graceTime {
			// It was waited for in vain.
			a.from.late(r.lookup.opts.Patience)
		}
		if !r.answered {
			r.answered, r.done = true, time.Now()
		}
		r.leave(ctx)
	}
	if _, away := errors.AsType[*engine.Unreachable](a.err); away {
		r.away = true
	}
	if r.graced {
		r.settleFound(ctx)
	}
	r.lookup.goOn(ctx)
}

// leave lets the next question leave.
func (r *round[V]) leave(ctx context.Context) {
	if !r.left {
		r.left = true
		r.lookup.answered(ctx)
	}
}

// remaining is how long the findings still wait for a first answer.
func (r *round[V]) remaining() time.Duration {
	if r.anyAskedWithin(answerDeadline) {
		return answerDeadline - time.Since(r.began)
	}
	return silentDeadline - time.Since(r.began)
}

// anyAskedWithin reports whether a relay is still to answer that took less time for its last answer.
func (r *round[V]) anyAskedWithin(d time.Duration) bool {
	for one := range r.asked {
		if !one.takes(d) {
			return true
		}
	}
	return false
}

// settleFound ends the wait for everything that was found.
func (r *round[V]) settleFound(ctx context.Context) {
	for key, f := range r.open {
		if e := r.newest[key]; e != nil {
			delete(r.open, key)
			r.keep(ctx, f, e)
		}
	}
}

// settle ends the wait for everything.
func (r *round[V]) settle(ctx context.Context) {
	r.settleFound(ctx)
	for key, f := range r.open {
		delete(r.open, key)
		var err error
		if !r.answered {
			err = cmp.Or(ctx.Err(), engine.ErrUnanswered)
		}
		r.lookup.none(f, err)
	}
}

// keep stores what was found. Reading it may take time of its own.
func (r *round[V]) keep(ctx context.Context, f *finding[V], e *nostr.Event) {
	spawn(ctx, func() {
		if value, ok := r.lookup.opts.Read(ctx, e); ok {
			r.lookup.keep(f, e, value)
		} else {
			r.lookup.none(f, nil)
		}
	})
}

// next lets a question leave, unless one is on its way, or a relay that is waited for could not be asked now.
func (l *Newest[V]) next(ctx context.Context) {
	busy := func(r *relay) bool { return r.busy(l.opts.Patience) }
	if ctx.Err() != nil || l.asking || len(l.wanted) == 0 || slices.ContainsFunc(l.relays, busy) {
		return
	}
	n := min(len(l.wanted), l.opts.Most)
	batch := l.wanted[:n:n]
	l.wanted = l.wanted[n:]
	l.asking = true
	spawn(ctx, func() { newRound(l, batch).run(ctx) })
}

// answered lets the next question leave.
func (l *Newest[V]) answered(ctx context.Context) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.asking = false
	l.next(ctx)
}

// goOn lets the next question leave if a relay was what it waited for.
func (l *Newest[V]) goOn(ctx context.Context) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.next(ctx)
}
