package delivery

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/nbd-wtf/go-nostr"

	"rhea/engine"
	"rhea/engine/sign"
)

const (
	// window is how old an event may be when it first goes out; a note from hours ago is read by nobody.
	window = time.Hour
	// stampedWithin is how close to its commit an event must be dated to have been dated by us.
	stampedWithin = time.Minute
	// badTimestampAfter is how old an event must be for a new date to help when a relay does not like the old one.
	badTimestampAfter = 10 * time.Minute
	// askDeadline bounds each question that comes before the replacement of an event.
	askDeadline = 10 * time.Second
)

// stale reports whether an event that was dated when it was made has waited so long that it should be dated again.
func (o *Sender) stale(ctx context.Context, d engine.Delivery, now time.Time) bool {
	return now.Sub(d.Event.CreatedAt.Time()) > window && !d.Fixed && datable(d) &&
		o.opts.Signers.Signer(ctx, d.Event.PubKey) != nil
}

// datable reports whether a new date changes nothing but the date. A version of a replaceable event that gets one
// overtakes the versions after it, on this relay or from another client.
func datable(d engine.Delivery) bool { return engine.IsRegular(d.Event.Kind) && dated(d) }

// dated reports whether created_at is the time of the commit. It is not when the action chose it, nor after a renewal,
// so that no event is dated twice.
func dated(d engine.Delivery) bool {
	return d.Committed.Sub(d.Event.CreatedAt.Time()).Abs() <= stampedWithin
}

// refresh dates a stale event anew if the relay can be reached. There is no answer when an event can be sent.
func (o *Sender) refresh(ctx context.Context, f *progress, d engine.Delivery) (engine.Delivery, answer) {
	if waiter, ok := o.opts.Publisher.(engine.Waiter); ok {
		ask, cancel := context.WithTimeout(ctx, askDeadline)
		err := waiter.Await(ask, d.Relay, d.Event.PubKey)
		cancel()
		if err != nil {
			return d, judge(&engine.Unreachable{Err: err})
		}
	}
	age := time.Since(d.Event.CreatedAt.Time()).Round(time.Second)
	next, err := o.replace(ctx, f, d, fmt.Sprintf("it waited for %s", engine.Duration(age)), sign.Redate)
	if err == nil {
		return next, answer{}
	}
	if !errors.Is(err, errFlying) && !errors.Is(err, errGone) {
		err = o.due(ctx, d)
	}
	return d, stopped(err) // In doubt the old bytes.
}

// stopped is the answer of an error on the way to a new event; none when the old one may go out.
func stopped(err error) answer {
	switch {
	case errors.Is(err, errFlying):
		return answer{meaning: undecided}
	case errors.Is(err, errGone):
		return answer{meaning: gone}
	}
	return answer{}
}

// due makes sure that a delivery was not given up by hand while its replacement was tried.
func (o *Sender) due(ctx context.Context, d engine.Delivery) error {
	all, err := o.opts.Ledger.Progress(ctx, d)
	if err != nil {
		return errFlying // It is asked again in a moment.
	}
	for _, one := range all {
		if one.Relay == d.Relay && (one.State == engine.Pending || one.State == engine.Retrying) {
			return nil
		}
	}
	return errGone
}

// renew makes the event that a relay's answer asks for.
func (o *Sender) renew(ctx context.Context, f *progress, d engine.Delivery, v answer) (engine.Delivery, error) {
	if v.meaning == badTimestamp {
		if !datable(d) || !v.tooOld(d.Event) {
			return d, errors.New("a new date would not help; is this machine's clock right?")
		}
		return o.replace(ctx, f, d, v.reason, sign.Redate)
	}
	bits := v.bits
	budget := o.opts.Work[d.Rule]
	switch {
	case bits == 0:
		return d, errors.New("it does not say how much")
	case bits > budget.Bits:
		return d, fmt.Errorf("pow_budget is %d bits", budget.Bits)
	case bits <= engine.Work(&d.Event):
		return d, errors.New("the event has that much work")
	}
	return o.replace(ctx, f, d, v.reason, func(ctx context.Context, e *nostr.Event) error {
		return sign.Remine(ctx, e, bits, budget.Time)
	})
}

// tooOld reports whether a new date is likely to help where a relay does not like the old one.
func (v answer) tooOld(e nostr.Event) bool {
	at := e.CreatedAt.Time()
	return at.Before(v.notBefore) || time.Since(at) >= badTimestampAfter
}

// replace signs a changed copy of the event and puts it in its place, if no relay has or may have the event. With an
// error the delivery is the old one.
func (o *Sender) replace(ctx context.Context, f *progress, d engine.Delivery, why string, change func(context.Context, *nostr.Event) error) (
	engine.Delivery, error,
) {
	signer := o.opts.Signers.Signer(ctx, d.Event.PubKey)
	switch {
	case signer == nil:
		return d, errors.New("its identity is gone")
	case d.Fixed:
		return d, errors.New("another event refers to it")
	}
	if err := o.tracker.claim(f); err != nil {
		return d, err
	}
	taker := ""
	defer func() { o.tracker.release(f, taker) }()
	if err := o.unsent(ctx, f, d); err != nil {
		return d, err
	}
	e := d.Event
	if err := change(ctx, &e); err != nil {
		return d, err
	}
	if err := signer.Sign(ctx, &e); err != nil {
		return d, fmt.Errorf("signing: %w", err)
	}
	decision := o.opts.Secrets.Decision(engine.Decision{
		At: time.Now(), Rule: d.Rule, Key: d.Event.ID, Outcome: engine.Fired, Relay: d.Relay, Published: []string{e.ID},
		Reason: fmt.Sprintf("signed again in the place of %s: %s", d.Event.ID, why),
	})
	switch done, err := o.opts.Ledger.Replace(ctx, d, e, decision); {
	case err != nil:
		return d, err
	case done == engine.Gone:
		return d, errGone
	case done != engine.Replaced:
		return d, errTaken
	}
	taker = e.ID
	if o.opts.Observer != nil {
		o.opts.Observer.Decided(decision, []nostr.Event{e})
	}
	o.opts.Log.Info("signed again", "rule", d.Rule, "event", e.ID, "before", d.Event.ID, "reason", decision.Reason)
	d.Event = e
	return d, nil
}

// unsent makes sure that no relay has an event that an earlier process may have sent just before it died.
func (o *Sender) unsent(ctx context.Context, f *progress, d engine.Delivery) error {
	if !f.earlier {
		return nil
	}
	if o.opts.Source == nil {
		return errors.New("an earlier run may have sent it")
	}
	all, err := o.opts.Ledger.Progress(ctx, d)
	if err != nil {
		return err
	}
	for _, one := range all {
		ask, cancel := context.WithTimeout(ctx, askDeadline)
		found, err := o.opts.Source.Fetch(ask, []string{one.Relay}, nostr.Filter{IDs: []string{d.Event.ID}})
		cancel()
		if err != nil || len(found) > 0 {
			return fmt.Errorf("an earlier run may have sent it to %s", one.Relay)
		}
	}
	return nil
}
