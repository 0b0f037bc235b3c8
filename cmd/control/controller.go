package control

import (
	"context"
	"errors"
	"sync"
	"time"

	"rhea/engine"
	"rhea/engine/ledger"
)

// operator is what the history calls the cause of what was done by hand.
const operator = "operator"

// Options are what a controller works on.
type Options struct {
	State State
	// Bot runs on the state; nil when none does.
	Bot Bot
	// Secrets takes keys out of what an operator writes.
	Secrets *engine.Redactor
	// Signers returns who can sign, given where the state keeps the origins of derived identities.
	Signers func(origins engine.Positions) (Signers, error)
}

// Bot is a bot that is told what an order has changed in its state.
type Bot interface {
	// Dropped tells of a delivery that was given up.
	Dropped(event, relay string)
	// DroppedWaiting tells of signals of a rule that wait no longer.
	DroppedWaiting(rule string, keys []string)
	// Retried tells of a relay that is to be asked again.
	Retried(ctx context.Context, relay string)
	// Reran tells of a rule of which something runs again.
	Reran(rule string)
}

// Signers finds who can sign as a public key; nil for nobody.
type Signers func(pubkey string) engine.Signer

// Controller is where the controls take effect: on the state of a running bot, or on one that a verb has opened.
type Controller struct {
	opts Options

	// mu makes two orders at once see each other's effects.
	mu sync.Mutex
}

// New returns the controls of a state. Closing them closes the state, unless a bot runs on it.
func New(o Options) *Controller { return &Controller{opts: o} }

var _ Controls = (*Controller)(nil)

// Close implements [Controls].
func (c *Controller) Close() error {
	if c.opts.Bot != nil {
		return nil
	}
	return c.opts.State.Close()
}

// note stores what the operator did in the history, with a position.
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
	told := make(map[string]bool)
	for _, n := range answer.Changed {
		if c.opts.Bot != nil && !told[n.Relay] {
			told[n.Relay] = true
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
