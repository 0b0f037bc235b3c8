package engine

import (
	"context"
	"errors"
	"log/slog"
	"math/rand/v2"
	"sync"
	"time"
)

// outbox carries what the ledger says is owed to the relays.
type outbox struct {
	ledger    Ledger
	publisher Publisher
	observer  Observer
	log       *slog.Logger

	mu sync.Mutex
	// untried counts the deliveries of this process that no relay was asked about yet.
	untried map[deliveryKey]struct{}
	changed chan struct{}
}

type deliveryKey struct{ event, relay string }

func newOutbox(o Options) *outbox {
	return &outbox{
		ledger: o.Ledger, publisher: o.Publisher, observer: o.Observer, log: o.Log,
		untried: make(map[deliveryKey]struct{}), changed: make(chan struct{}, 1),
	}
}

// owe notes deliveries that are about to be committed.
func (o *outbox) owe(deliveries []Delivery) {
	o.mu.Lock()
	defer o.mu.Unlock()
	for _, d := range deliveries {
		o.untried[deliveryKey{d.Event.ID, d.Relay}] = struct{}{}
	}
}

// forget takes back what owe noted, when it was tried or never committed.
func (o *outbox) forget(deliveries ...Delivery) {
	o.mu.Lock()
	defer o.mu.Unlock()
	for _, d := range deliveries {
		delete(o.untried, deliveryKey{d.Event.ID, d.Relay})
	}
	select {
	case o.changed <- struct{}{}:
	default:
	}
}

// settle waits until everything this process committed was tried once, or ctx ends.
func (o *outbox) settle(ctx context.Context) {
	for {
		o.mu.Lock()
		n := len(o.untried)
		o.mu.Unlock()
		if n == 0 {
			return
		}
		select {
		case <-o.changed:
		case <-ctx.Done():
			o.log.Warn("stopped before every relay was asked; the rest is sent at the next start", "deliveries", n)
			return
		}
	}
}

func (o *outbox) run(ctx context.Context) error {
	return o.ledger.Drain(ctx, nil, func(ctx context.Context, d Delivery) Settlement {
		s := o.deliver(ctx, d)
		if s.State != Pending {
			o.forget(d)
			o.report(d, s)
		}
		return s
	})
}

// deliver sends the event once and decides what the answer means.
func (o *outbox) deliver(ctx context.Context, d Delivery) Settlement {
	err := o.publisher.Publish(ctx, d.Relay, d.Event)
	switch no, final := errors.AsType[*Rejection](err); {
	case err == nil:
		return Settlement{State: Accepted}
	case ctx.Err() != nil:
		return Settlement{State: Pending}
	case final:
		return Settlement{State: Rejected, Reason: no.Reason}
	}
	wait, reason := backoff(d.Retry, d.Attempts), err.Error()
	if later, ok := errors.AsType[*Later](err); ok {
		wait, reason = max(wait, later.After), later.Reason
	}
	next := time.Now().Add(wait)
	if d.Retry.MaxElapsed > 0 && next.Sub(d.Committed) > d.Retry.MaxElapsed {
		return Settlement{State: GivenUp, Reason: reason}
	}
	return Settlement{State: Retrying, Next: next, Reason: reason}
}

// backoff doubles with every attempt up to the limit; half of it is chance, so that retries do not come in step.
func backoff(r Retry, attempts int) time.Duration {
	limit := max(r.Max, r.Initial, time.Second)
	wait := max(r.Initial, time.Millisecond)
	for range attempts {
		if wait *= 2; wait >= limit {
			wait = limit
			break
		}
	}
	return wait/2 + rand.N(wait/2+1)
}

func (o *outbox) report(d Delivery, s Settlement) {
	if o.observer != nil {
		o.observer.Settled(d, s)
	}
	log := o.log.With("rule", d.Rule, "event", d.Event.ID, "relay", d.Relay, "attempt", d.Attempts+1)
	switch s.State {
	case Accepted:
		log.Info("accepted")
	case Retrying:
		log.Warn("retrying", "reason", s.Reason, "next", s.Next.Format(time.RFC3339))
	case Rejected:
		log.Warn("rejected", "reason", s.Reason)
	default:
		log.Error("given_up", "reason", s.Reason)
	}
}
