package bot

import (
	"context"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"sync"
	"time"

	"rhea/engine"
)

// maxLanes is how many relays are remembered before those without a complaint are forgotten.
const maxLanes = 1024

// outbox carries what the ledger says is owed to the relays.
type outbox struct {
	ledger    engine.Ledger
	publisher engine.Publisher
	observer  Observer
	log       *slog.Logger
	secrets   *engine.Redactor
	fates     *fates
	renewer   *renewer
	// wake names relays that need not rest any longer, to the ledger.
	wake chan string

	mu    sync.Mutex
	lanes map[string]*lane
}

func newOutbox(o Options) *outbox {
	return &outbox{
		ledger: o.Ledger, publisher: o.Publisher, observer: o.Observer, log: o.Log, secrets: o.Identities.Secrets(),
		fates: newFates(o.Ledger), renewer: newRenewer(o), wake: make(chan string), lanes: make(map[string]*lane),
	}
}

// owe notes deliveries that are about to be committed, and completes them.
func (o *outbox) owe(deliveries []engine.Delivery) { o.fates.owe(deliveries) }

// forget takes back what owe noted, when it was never committed.
func (o *outbox) forget(deliveries ...engine.Delivery) { o.fates.disown(deliveries) }

// settle waits until everything this process committed was tried once, or ctx ends.
func (o *outbox) settle(ctx context.Context) {
	if n := o.fates.settled(ctx); n > 0 {
		o.log.Warn("stopped before every relay was asked; the rest is sent at the next start", "deliveries", n)
	}
}

// run delivers until ctx ends. A fault of the ledger, such as a full disk, ends a drain and not the bot.
func (o *outbox) run(ctx context.Context) error {
	for wait := firstRestart; ; wait = min(2*wait, lastRestart) {
		err := o.drain(ctx)
		if ctx.Err() != nil {
			return err
		}
		o.log.Error("delivery stopped", "error", err, "again_in", engine.Duration(wait))
		select {
		case <-ctx.Done():
			return nil
		case <-time.After(wait):
		}
	}
}

func (o *outbox) drain(ctx context.Context) error {
	ctx, stop := context.WithCancel(ctx)
	var watches sync.WaitGroup
	defer watches.Wait()
	defer stop()
	return o.ledger.Drain(ctx, o.wake, func(try context.Context, d engine.Delivery) engine.Settlement {
		s := o.deliver(try, d)
		if s.State != engine.Retrying && !s.Rest.IsZero() {
			o.watch(ctx, &watches, d, s.Rest)
		}
		return s
	})
}

// lane returns what is known of a relay.
func (o *outbox) lane(relay string) *lane {
	o.mu.Lock()
	defer o.mu.Unlock()
	l := o.lanes[relay]
	if l != nil {
		return l
	}
	if len(o.lanes) >= maxLanes {
		now := time.Now()
		for name, old := range o.lanes {
			if old.idle(now) {
				delete(o.lanes, name)
			}
		}
	}
	l = &lane{log: o.log.With("relay", relay), holds: make(map[string]*hold)}
	o.lanes[relay] = l
	return l
}

// watch wakes a relay that rests because it cannot be reached as soon as it can be.
func (o *outbox) watch(ctx context.Context, watches *sync.WaitGroup, d engine.Delivery, until time.Time) {
	beacon, ok := o.publisher.(engine.Beacon)
	if !ok || o.lane(d.Relay).away() == "" {
		return
	}
	watches.Go(func() {
		ctx, cancel := context.WithDeadline(ctx, until)
		defer cancel()
		if beacon.Await(ctx, d.Relay, d.Event.PubKey) != nil {
			return // The end of the rest is the next chance.
		}
		select {
		case o.wake <- d.Relay:
		case <-ctx.Done():
		}
	})
}

// deliver tries to deliver once, unless something stands against it, and decides what becomes of the delivery.
func (o *outbox) deliver(ctx context.Context, d engine.Delivery) engine.Settlement {
	f, ok, err := o.fates.begin(ctx, d)
	if err != nil {
		if ctx.Err() == nil {
			o.log.Error("what became of an event cannot be read", "event", d.Event.ID, "error", err)
		}
		return engine.Settlement{State: engine.Pending}
	}
	if !ok {
		// The ledger hands out what took its place.
		return engine.Settlement{State: engine.Pending, Next: time.Now().Add(time.Second)}
	}
	l, now := o.lane(d.Relay), time.Now()
	switch none, err := o.pointless(ctx, d, now); {
	case err != nil:
		return o.close(f, d, engine.Settlement{State: engine.Pending}, verdict{}, false)
	case none.meaning != unknown:
		return o.close(f, d, engine.Settlement{State: engine.GivenUp, Reason: none.reason}, none, true)
	}
	if away := l.away(); away != "" && overtime(d, now) {
		if Unanswered(d.Reason) {
			away = d.Reason // The relay may have it.
		}
		return o.close(f, d, engine.Settlement{State: engine.GivenUp, Reason: away}, verdict{}, true)
	}
	if wait, blocked, paced := l.enter(d.Event.PubKey, now); blocked {
		if overtime(d, wait.Next) {
			wait = engine.Settlement{State: engine.GivenUp, Reason: wait.Reason}
		}
		return o.close(f, d, wait, verdict{}, !paced)
	}
	d, v := o.send(ctx, f, d)
	if v.meaning != accepted && ctx.Err() != nil {
		return o.close(f, d, engine.Settlement{State: engine.Pending}, v, false)
	}
	s := l.settle(d, v, time.Now())
	switch {
	case s.State == engine.Pending && overtime(d, time.Now()), s.State == engine.Retrying && overtime(d, s.Next):
		s.State, s.Next = engine.GivenUp, time.Time{}
	}
	return o.close(f, d, s, v, true)
}

// pointless is why there is no point in sending an event any more; unknown when there may be.
func (o *outbox) pointless(ctx context.Context, d engine.Delivery, now time.Time) (verdict, error) {
	if engine.Expired(&d.Event, now) {
		return verdict{meaning: overdue, reason: "expired: it was of use until " + engine.Expiration(&d.Event).UTC().Format(time.RFC3339)}, nil
	}
	address := engine.Address(&d.Event)
	if address == "" {
		return verdict{}, nil
	}
	latest, err := o.ledger.Latest(ctx, address, d.Relay)
	if err != nil {
		if ctx.Err() == nil {
			o.log.Error("a newer version of an event cannot be looked up", "event", d.Event.ID, "error", err)
		}
		return verdict{}, err
	}
	if latest != nil && engine.Newer(latest, &d.Event) {
		return verdict{meaning: superseded, reason: "superseded by the newer version " + latest.ID}, nil
	}
	return verdict{}, nil
}

// send publishes the event, or what has to take its place.
func (o *outbox) send(ctx context.Context, f *fate, d engine.Delivery) (engine.Delivery, verdict) {
	if o.renewer.stale(ctx, d, time.Now()) {
		var v verdict
		if d, v = o.refresh(ctx, f, d); v.meaning != unknown {
			return d, v
		}
	}
	v := judge(o.publisher.Publish(ctx, d.Relay, d.Event))
	if v.meaning != laborious && v.meaning != misdated {
		return d, v
	}
	next, err := o.renew(ctx, f, d, v)
	if v := stopped(err); v.meaning != unknown {
		return d, v
	}
	if err != nil {
		v.reason = fmt.Sprintf("%s (%s)", v.reason, err)
		return d, v
	}
	return next, judge(o.publisher.Publish(ctx, next.Relay, next.Event))
}

// overtime reports whether there is no point in a try at the given time.
func overtime(d engine.Delivery, at time.Time) bool {
	return d.Retry.MaxElapsed > 0 && !at.IsZero() && at.Sub(d.Committed) > d.Retry.MaxElapsed
}

// close notes and tells what became of a try.
func (o *outbox) close(f *fate, d engine.Delivery, s engine.Settlement, v verdict, asked bool) engine.Settlement {
	s.Reason = o.secrets.Redact(s.Reason) // A relay may repeat what it was sent, or what it knows.
	n := o.fates.end(f, d, s, v.meaning == unanswered, asked)
	if s.State == engine.Pending {
		return s
	}
	if o.observer != nil {
		o.observer.Settled(d, s)
	}
	if v.meaning == superseded { // The newer version counts.
		o.log.Info("not sent", "rule", d.Rule, "event", d.Event.ID, "relay", d.Relay, "reason", s.Reason)
		return s
	}
	o.tell(d, s, n)
	return s
}

// tell logs what became of a try: each answer for debugging, and what matters for the event as a whole.
func (o *outbox) tell(d engine.Delivery, s engine.Settlement, n news) {
	level := slog.LevelDebug
	if s.State == engine.Rejected || s.State == engine.GivenUp {
		level = slog.LevelWarn
	}
	ctx := context.Background()
	if o.log.Enabled(ctx, level) {
		o.log.Log(ctx, level, string(s.State), "rule", d.Rule, "event", d.Event.ID, "relay", d.Relay,
			"attempt", d.Attempts+1, "reason", s.Reason)
	}
	if !n.first && !n.delivered && !n.undelivered || !o.log.Enabled(ctx, slog.LevelInfo) && !n.undelivered {
		return
	}
	log := o.log.With("rule", d.Rule, "event", d.Event.ID, "relays", fmt.Sprintf("%d/%d", n.accepted, n.relays))
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

// backoff doubles with every attempt up to the limit; half of it is chance, so that retries do not come in step.
func backoff(r engine.Retry, attempts int) time.Duration {
	wait := doubled(max(r.Initial, time.Millisecond), attempts, max(r.Max, r.Initial, time.Second))
	return wait/2 + rand.N(wait/2+1)
}
