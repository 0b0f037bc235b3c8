package delivery

import (
	"context"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"rhea/engine"
)

// Pauses after a fault of the ledger.
const (
	firstPause = time.Second
	lastPause  = 5 * time.Minute
)

// Run delivers until ctx ends. A fault of the ledger, such as a full disk, ends a drain and not the bot.
func (o *Sender) Run(ctx context.Context) error {
	pauses := engine.Backoff{First: firstPause, Last: lastPause}
	for {
		err := o.drain(ctx)
		if ctx.Err() != nil {
			return err
		}
		wait := pauses.Next()
		o.opts.Log.Error("delivery stopped", "error", err, "again_in", engine.Duration(wait))
		select {
		case <-ctx.Done():
			return nil
		case <-time.After(wait):
		}
	}
}

func (o *Sender) drain(ctx context.Context) error {
	ctx, stop := context.WithCancel(ctx)
	var watches sync.WaitGroup
	defer watches.Wait()
	defer stop()
	return o.opts.Ledger.Drain(ctx, o.wake, func(try context.Context, d engine.Delivery, sent func()) engine.Settlement {
		s := o.deliver(try, d, sent)
		if s.State != engine.Retrying && !s.Rest.IsZero() {
			o.watch(ctx, &watches, d, s.Rest)
		}
		return s
	})
}

// watch wakes a relay that rests because it cannot be reached as soon as it can be.
func (o *Sender) watch(ctx context.Context, watches *sync.WaitGroup, d engine.Delivery, until time.Time) {
	waiter, ok := o.opts.Publisher.(engine.Waiter)
	if !ok || !o.relay(d.Relay).watch(until) {
		return
	}
	watches.Go(func() {
		ctx, cancel := context.WithDeadline(ctx, until)
		defer cancel()
		if waiter.Await(ctx, d.Relay, d.Event.PubKey) != nil {
			return // The end of the rest is the next chance.
		}
		select {
		case o.wake <- d.Relay:
		case <-ctx.Done():
		}
	})
}

// deliver tries to deliver once, unless something stands against it, and decides what becomes of the delivery.
func (o *Sender) deliver(ctx context.Context, d engine.Delivery, sent func()) engine.Settlement {
	f, ok, err := o.tracker.begin(ctx, d)
	if err != nil {
		if ctx.Err() == nil {
			o.opts.Log.Error("what became of an event cannot be read", "event", d.Event.ID, "error", err)
		}
		return engine.Settlement{State: engine.Pending}
	}
	if !ok {
		// The ledger hands out what took its place.
		return engine.Settlement{State: engine.Pending, Next: time.Now().Add(time.Second)}
	}
	l, now := o.relay(d.Relay), time.Now()
	switch none, err := o.pointless(ctx, d, now); {
	case err != nil:
		return o.close(f, d, engine.Settlement{State: engine.Pending}, answer{}, false)
	case none.meaning != unknown:
		return o.close(f, d, engine.Settlement{State: engine.GivenUp, Reason: none.reason}, none, true)
	}
	if away := l.away(); away != "" && overtime(d, now) {
		if Unanswered(d.Reason) {
			away = d.Reason // The relay may have it.
		}
		return o.close(f, d, engine.Settlement{State: engine.GivenUp, Reason: away}, answer{}, true)
	}
	t, wait, ok := l.enter(d.Event.PubKey, now)
	if !ok {
		paced := !wait.Rest.IsZero()
		if overtime(d, wait.Next) {
			wait = engine.Settlement{State: engine.GivenUp, Reason: wait.Reason}
		}
		return o.close(f, d, wait, answer{}, !paced)
	}
	if t.alone {
		sent = func() {}
	}
	d, v := o.send(ctx, f, d, sent)
	if v.meaning != accepted && ctx.Err() != nil {
		return o.close(f, d, engine.Settlement{State: engine.Pending}, v, false)
	}
	s := l.settle(d, v, t, time.Now())
	switch {
	case s.State == engine.Pending && overtime(d, time.Now()), s.State == engine.Retrying && overtime(d, s.Next):
		s.State, s.Next = engine.GivenUp, time.Time{}
	}
	return o.close(f, d, s, v, v.meaning != demanding)
}

// pointless is why there is no point in sending an event any more; unknown when there may be.
func (o *Sender) pointless(ctx context.Context, d engine.Delivery, now time.Time) (answer, error) {
	if engine.Expired(&d.Event, now) {
		return answer{meaning: overdue, reason: "expired: it was of use until " + engine.Expiration(&d.Event).UTC().Format(time.RFC3339)}, nil
	}
	address := engine.Address(&d.Event)
	if address == "" {
		return answer{}, nil
	}
	latest, err := o.opts.Ledger.Latest(ctx, address, d.Relay)
	if err != nil {
		if ctx.Err() == nil {
			o.opts.Log.Error("a newer version of an event cannot be looked up", "event", d.Event.ID, "error", err)
		}
		return answer{}, err
	}
	if latest != nil && engine.Newer(latest, &d.Event) {
		return answer{meaning: superseded, reason: "superseded by the newer version " + latest.ID}, nil
	}
	return answer{}, nil
}

// send publishes the event, or what has to take its place. What a relay wants instead of an event is made at the next
// try: then nothing else is under way to it.
func (o *Sender) send(ctx context.Context, f *progress, d engine.Delivery, sent func()) (engine.Delivery, answer) {
	if o.stale(ctx, d, time.Now()) {
		var v answer
		if d, v = o.refresh(ctx, f, d); v.meaning != unknown {
			return d, v
		}
	}
	v := o.tracker.demand(f, d)
	if v.meaning == unknown {
		v = o.publish(ctx, d, sent)
		if v.meaning == needsPoW || v.meaning == badTimestamp {
			o.tracker.setDemand(f, d, v)
			v = answer{meaning: demanding, reason: d.Reason}
		}
		return d, v
	}
	next, err := o.renew(ctx, f, d, v)
	if v := stopped(err); v.meaning != unknown {
		return d, v
	}
	o.tracker.setDemand(f, d, answer{})
	if err != nil {
		v.reason = fmt.Sprintf("%s (%s)", v.reason, err)
		return d, v
	}
	return next, o.publish(ctx, next, sent)
}

// publish sends an event and reads the answer.
func (o *Sender) publish(ctx context.Context, d engine.Delivery, sent func()) answer {
	if p, ok := o.opts.Publisher.(engine.Pipeliner); ok {
		return judge(p.Pipeline(ctx, d.Relay, d.Event, sent))
	}
	return judge(o.opts.Publisher.Publish(ctx, d.Relay, d.Event))
}

// overtime reports whether there is no point in a try at the given time.
func overtime(d engine.Delivery, at time.Time) bool {
	return d.Retry.MaxElapsed > 0 && !at.IsZero() && at.Sub(d.Committed) > d.Retry.MaxElapsed
}

// close notes and tells what became of a try.
func (o *Sender) close(f *progress, d engine.Delivery, s engine.Settlement, v answer, asked bool) engine.Settlement {
	s.Reason = o.opts.Secrets.Redact(s.Reason) // A relay may repeat what it was sent, or what it knows.
	n := o.tracker.end(f, d, s, v.meaning == unanswered, asked)
	if s.State == engine.Pending {
		return s
	}
	o.tracker.report(f, func() {
		if o.opts.Observer != nil {
			o.opts.Observer.Settled(d, s)
		}
		if v.meaning == superseded { // The newer version counts.
			o.opts.Log.Info("not sent", "rule", d.Rule, "event", d.Event.ID, "relay", d.Relay, "reason", s.Reason)
			return
		}
		o.tell(d, s, n)
	})
	return s
}

// tell logs what became of a try: each answer for debugging, and what matters for the event as a whole.
func (o *Sender) tell(d engine.Delivery, s engine.Settlement, n news) {
	level := slog.LevelDebug
	if s.State == engine.Rejected || s.State == engine.GivenUp {
		level = slog.LevelWarn
	}
	ctx := context.Background()
	if o.opts.Log.Enabled(ctx, level) {
		o.opts.Log.Log(ctx, level, string(s.State), "rule", d.Rule, "event", d.Event.ID, "relay", d.Relay,
			"attempt", d.Attempts+1, "reason", s.Reason)
	}
	if !n.first && !n.delivered && !n.undelivered || !o.opts.Log.Enabled(ctx, slog.LevelInfo) && !n.undelivered {
		return
	}
	log := o.opts.Log.With("rule", d.Rule, "event", d.Event.ID, "relays", fmt.Sprintf("%d/%d", n.accepted, n.relays))
	if n.first {
		log.Info("published", "relay", d.Relay)
	}
	if n.delivered && n.quorum > 1 {
		log.Info("delivered", "quorum", n.quorum)
	}
	if n.undelivered {
		log.Error("not delivered: too few relays are left", "quorum", n.quorum)
	}
}
