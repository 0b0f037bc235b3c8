package ledger

import (
	"context"
	"slices"
	"time"

	"rhea/engine"
)

// uncountedPause is how long a relay rests after a try that did not count, so that such tries do not spin.
const uncountedPause = time.Second

// flight is a delivery under way.
type flight struct {
	Owed
	begun time.Time
	// sent is true when the next delivery may follow.
	sent bool
}

// flightNews says that the event of a flight has left, or with a settlement that the flight has ended.
type flightNews struct {
	flight     *flight
	settlement *engine.Settlement
}

// flights are the deliveries to one relay that are under way. They belong to the goroutine that serves the relay, which
// carries out a delivery itself while there may only be one.
type flights struct {
	ctx         context.Context
	deliver     engine.Deliver
	settlements *settlements
	backlog     *backlog
	// rest is until when the relay is to rest; zero when it is not.
	rest time.Time

	underWay []*flight
	// workers carry out what comes in jobs.
	workers int
	jobs    chan *flight
	// news has room for all that may be said, so that nobody waits for the one who hands out.
	news chan flightNews
}

func newFlights(ctx context.Context, deliver engine.Deliver, s *settlements, b *backlog) *flights {
	return &flights{ctx: ctx, deliver: deliver, settlements: s, backlog: b}
}

// handOut hands out due deliveries in order. It stops when the relay is to rest, when they were changed by hand, and when
// one that was refused is due again: that one goes first.
func (f *flights) handOut(due []Owed) {
	for i, o := range due {
		for !f.admits(&o) {
			f.take(<-f.news, true)
		}
		if f.ctx.Err() != nil || !f.rest.IsZero() || f.backlog.isOutdated(time.Now()) {
			f.backlog.setStale()
			return
		}
		f.begin(o, i+1 < len(due))
	}
}

// admits reports whether a delivery may follow those under way. As only one may be under way after a refusal, it waits for
// all answers then.
func (f *flights) admits(o *Owed) bool {
	return len(f.underWay) < f.backlog.allowance.most() &&
		!slices.ContainsFunc(f.underWay, func(x *flight) bool { return related(&x.Event, &o.Event) })
}

// begin carries out a delivery until the next one may follow. more says that there is a next one.
func (f *flights) begin(o Owed, more bool) {
	x := &flight{Owed: o, begun: time.Now()}
	if f.backlog.allowance.most() == 1 {
		f.settle(x, f.deliver(f.ctx, o.Delivery, func() {}), more)
		return
	}
	f.underWay = append(f.underWay, x)
	f.hire()
	f.jobs <- x
	for !x.sent && slices.Contains(f.underWay, x) {
		f.take(<-f.news, more)
	}
}

// hire makes sure that somebody carries out the next flight.
func (f *flights) hire() {
	if f.workers >= len(f.underWay) {
		return
	}
	if f.workers == 0 {
		f.jobs, f.news = make(chan *flight), make(chan flightNews, 2*engine.MaxInFlight)
	}
	f.workers++
	go work(f.ctx, f.deliver, f.jobs, f.news)
}

// work carries out flights.
func work(ctx context.Context, deliver engine.Deliver, jobs <-chan *flight, news chan<- flightNews) {
	for x := range jobs {
		said := false
		s := deliver(ctx, x.Delivery, func() {
			if !said {
				said = true
				news <- flightNews{flight: x}
			}
		})
		news <- flightNews{flight: x, settlement: &s}
	}
}

// take notes news. more says that a delivery waits to be handed out.
func (f *flights) take(n flightNews, more bool) {
	if n.settlement == nil {
		n.flight.sent = true
		return
	}
	f.underWay = slices.DeleteFunc(f.underWay, func(x *flight) bool { return x == n.flight })
	f.settle(n.flight, *n.settlement, more)
}

// settle has stored what became of a delivery, and notes how the relay goes on.
func (f *flights) settle(x *flight, s engine.Settlement, more bool) {
	f.backlog.allowance.note(s.State == engine.Accepted, time.Since(x.begun), more || f.backlog.hasMore())
	stored := Counts(s.State) || !s.Next.IsZero()
	if !stored && s.Rest.IsZero() {
		s.Rest = time.Now().Add(uncountedPause)
	}
	if s.Rest.After(f.rest) {
		f.rest = s.Rest
	}
	if !stored {
		return
	}
	if !Final(s.State) {
		f.backlog.noteNext(s.Next)
	}
	s.Reason = Text(s.Reason)
	f.settlements.add(Settled{ID: x.ID, Relay: x.Relay, Rule: x.Rule, Settlement: s}, f.backlog)
}

// wait waits for news or a commit, and reports whether something is under way.
func (f *flights) wait() bool {
	if len(f.underWay) == 0 {
		return false
	}
	select {
	case n := <-f.news:
		f.take(n, false)
	case <-f.backlog.added:
	}
	return true
}

// land waits for all answers.
func (f *flights) land() {
	for len(f.underWay) > 0 {
		f.take(<-f.news, true)
	}
}

// close waits for all answers and ends the workers.
func (f *flights) close() {
	f.land()
	if f.workers > 0 {
		close(f.jobs)
	}
}
