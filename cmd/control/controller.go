package control

import (
	"context"
	"errors"
	"sync"
	"time"

	"rhea/engine"
	"rhea/engine/ledger"
)

// operator is what the history calls the trigger of an order.
const operator = "operator"

// Options are what a [Controller] works on.
type Options struct {
	State State
	// Bot runs on the state; nil when none runs.
	Bot Bot
	// Secrets takes keys out of the reasons that an operator writes.
	Secrets *engine.Redactor
	// Signers opens the keys, when an order needs them. Origins is where the state keeps those of derived identities.
	Signers func(origins engine.Positions) (Signers, error)
}

// Bot is the running bot. It is told what an order has changed in its state.
type Bot interface {
	// Dropped reports a delivery that was given up.
	Dropped(event, relay string)
	// DroppedWaiting reports signals of a rule that wait no longer.
	DroppedWaiting(rule string, keys []string)
	// Retried reports a relay that must be asked again.
	Retried(ctx context.Context, relay string)
	// Reran reports a rule of which signals run again.
	Reran(rule string)
}

// Signers returns the signer for a public key, nil when there is none.
type Signers func(pubkey string) engine.Signer

// Controller carries out orders on a state: that of a running bot, or one that a verb has opened.
type Controller struct {
	opts Options

	// mu makes an order see the effects of the one before.
	mu sync.Mutex
}

// New returns the controller of a state. Closing it closes the state, unless a bot runs on it.
func New(o Options) *Controller { return &Controller{opts: o} }

var _ Controls = (*Controller)(nil)

// Close implements [Controls].
func (c *Controller) Close() error {
	if c.opts.Bot != nil {
		return nil
	}
	return c.opts.State.Close()
}

// note stores an order in the history, together with a position.
func (c *Controller) note(ctx context.Context, rule string, outcome engine.Outcome, reason string, p *engine.Position) error {
	now := time.Now()
	key := operator + "/" + now.UTC().Format(time.RFC3339Nano)
	_, err := c.opts.State.Commit(ctx, engine.Entry{
		Rule: rule, Key: key, Keep: time.Minute, Position: p,
		Decision: engine.Decision{At: now, Rule: rule, Trigger: operator, Key: key, Outcome: outcome, Reason: reason},
	})
	return err
}

// Retry implements [Controls].
func (c *Controller) Retry(ctx context.Context, o OutboxOrder) (OutboxAnswer, error) {
	answer, err := update(ctx, o, c.opts.State.Retry)
	asked := make(map[string]bool)
	for _, n := range answer.Changed {
		if c.opts.Bot != nil && !asked[n.Relay] {
			asked[n.Relay] = true
			c.opts.Bot.Retried(ctx, n.Relay)
		}
	}
	return answer, err
}

// Drop implements [Controls].
func (c *Controller) Drop(ctx context.Context, o OutboxOrder) (OutboxAnswer, error) {
	return update(ctx, o, c.drop)
}

// drop gives up one open delivery.
func (c *Controller) drop(ctx context.Context, event, relay string) error {
	err := c.opts.State.Drop(ctx, event, relay)
	if err == nil && c.opts.Bot != nil {
		c.opts.Bot.Dropped(event, relay)
	}
	return err
}

func update(ctx context.Context, o OutboxOrder, do func(ctx context.Context, event, relay string) error) (OutboxAnswer, error) {
	answer := OutboxAnswer{Changed: []DeliveryName{}}
	for _, n := range o.Deliveries {
		switch err := do(ctx, n.Event, n.Relay); {
		case errors.Is(err, ledger.ErrNotFound):
		case err != nil:
			return answer, err
		default:
			answer.Changed = append(answer.Changed, n)
		}
	}
	return answer, nil
}
