package control

import (
	"context"
	"errors"
	"fmt"
	"time"

	"rhea/engine"
	"rhea/engine/delivery"
)

// SendRule stands for a rule in the history and the outbox of what the operator has sent.
const SendRule = "rhea send"

// sendRetry is how a relay is asked again; as rules do it unless they say otherwise.
func sendRetry() engine.Retry {
	return engine.Retry{Initial: 2 * time.Second, Max: 5 * time.Minute, MaxElapsed: 24 * time.Hour}
}

// Send implements [Controls]. What it has committed is delivered like any event, whatever becomes of this process.
func (c *Controller) Send(ctx context.Context, o SendOrder) (SendAnswer, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	signerOf, err := c.opts.Signers(c.opts.State)
	if err != nil {
		return SendAnswer{}, err
	}
	signer := signerOf(o.Event.PubKey)
	if signer == nil {
		return SendAnswer{}, fmt.Errorf("no identity of the configuration has the key %s; nothing was sent", o.Event.PubKey)
	}
	entry, err := SendEntry(ctx, o, signer, c.opts.Secrets)
	if err != nil {
		return SendAnswer{}, err
	}
	fresh, err := c.opts.State.Commit(ctx, entry)
	if err == nil && !fresh {
		err = errors.New("the same event was sent a moment ago; nothing was sent again")
	}
	return SendAnswer{entry.Deliveries[0].Event, entry.Decision.At}, err
}

// SendEntry signs the event of an order and makes the entry that owes it to its relays.
func SendEntry(ctx context.Context, o SendOrder, signer engine.Signer, secrets *engine.Redactor) (engine.Entry, error) {
	if text := o.Event.String(); secrets.Redact(text) != text {
		return engine.Entry{}, errors.New("the event holds a secret key; nothing was sent")
	}
	if len(o.Relays) == 0 {
		return engine.Entry{}, errors.New("there is no relay to send it to")
	}
	e, now := o.Event, time.Now().Truncate(time.Millisecond) // The state keeps no more of it.
	if err := signer.Sign(ctx, &e); err != nil {
		return engine.Entry{}, fmt.Errorf("signing: %w", err)
	}
	entry := engine.Entry{
		Rule: SendRule, Key: operator + "/send/" + e.ID, Keep: time.Minute,
		Decision: engine.Decision{
			At: now, Rule: SendRule, Trigger: operator, Key: operator + "/send", Outcome: engine.Fired, Published: []string{e.ID},
		},
	}
	for _, relay := range o.Relays {
		entry.Deliveries = append(entry.Deliveries, engine.Delivery{
			Rule: SendRule, Event: e, Relay: relay, Retry: sendRetry(), Quorum: o.Quorum, Committed: now,
		})
	}
	return entry, nil
}

// Deliver brings the relays what the state owes them until ctx ends. It is for a state on which no bot runs.
func (c *Controller) Deliver(ctx context.Context, o delivery.Options) error {
	o.Ledger = c.opts.State
	return delivery.New(o).Run(ctx)
}
