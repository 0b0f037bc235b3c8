package cmd

import (
	"context"
	"errors"
	"strings"
	"sync"
	"time"

	"rhea/engine"
	"rhea/engine/ledger"
)

// operator is what the history calls the cause of what was done by hand.
const operator = "operator"

// controller is where the controls take effect: on the ledger of a running bot, or on one that a verb has opened.
type controller struct {
	ledger fileState
	// owner closes the ledger.
	owner bool
	// dropped is told of every delivery that was given up; nil for nobody.
	dropped func(event, relay string)
	// droppedWaiting is told of the signals of a rule that wait no longer; nil for nobody.
	droppedWaiting func(rule string, keys []string)
	// retried is told of every relay that is to be asked again; nil for nobody.
	retried func(ctx context.Context, relay string)
	// secrets takes keys out of what an operator writes.
	secrets *engine.Redactor
	// reran is told of a rule of which something runs again; nil for nobody.
	reran func(rule string)
	// signers returns who can sign, by public key. It may say itself what is wrong.
	signers func() (signers, error)

	// mu makes two orders at once see each other's effects.
	mu sync.Mutex
}

// signers finds who can sign as a public key; nil for nobody.
type signers func(pubkey string) engine.Signer

var _ controls = (*controller)(nil)

// Close implements [controls].
func (c *controller) Close() error {
	if c.owner {
		return c.ledger.Close()
	}
	return nil
}

// Hold implements [controls].
func (c *controller) Hold(ctx context.Context, o holdOrder) (holdAnswer, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	before, err := c.holds(ctx, o.Rule)
	answer := holdAnswer{Rule: o.Rule, Held: true, Holds: listHolds(before)}
	if err != nil || before[engine.HoldStream(o.Rule)] != nil {
		return answer, err
	}
	hold := engine.Hold{Since: time.Now().UTC().Truncate(time.Second), Reason: "by hand"}
	if o.Reason != "" {
		hold.Reason = c.secrets.Redact(ledger.Text(o.Reason))
	}
	position := hold.Position(o.Rule)
	return answer, c.note(ctx, o.Rule, engine.Held, hold.Reason, &position)
}

// Resume implements [controls].
func (c *controller) Resume(ctx context.Context, o holdOrder) (holdAnswer, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	before, err := c.holds(ctx, o.Rule)
	answer := holdAnswer{Rule: o.Rule, Holds: listHolds(before)}
	if err != nil {
		return answer, err
	}
	wake := engine.Position{Stream: engine.WakeStream(o.Rule), Value: time.Now().UTC().Format(time.RFC3339Nano)}
	if len(before) == 0 {
		return answer, c.ledger.Advance(ctx, wake)
	}
	for stream := range before {
		// On the disk with the commit that follows, at the latest.
		if err := c.ledger.Advance(ctx, engine.Position{Stream: stream}); err != nil {
			return answer, err
		}
	}
	reasons := make([]string, 0, len(before))
	for _, h := range answer.Holds {
		reasons = append(reasons, h.Reason)
	}
	return answer, c.note(ctx, o.Rule, engine.Resumed, "was held: "+strings.Join(reasons, "; "), &wake)
}

// holds returns what holds a rule, by the streams that say so: its own and those of its triggers, which lie below it.
func (c *controller) holds(ctx context.Context, rule string) (map[string]*engine.Hold, error) {
	positions, err := c.ledger.Positions(ctx, engine.HoldStream(rule))
	if err != nil {
		return nil, err
	}
	return holdsOf(positions, rule), nil
}

// note stores what the operator did in the history, with a position.
func (c *controller) note(ctx context.Context, rule string, outcome engine.Outcome, reason string, p *engine.Position) error {
	now := time.Now()
	key := operator + "/" + now.UTC().Format(time.RFC3339Nano)
	_, err := c.ledger.Commit(ctx, engine.Entry{
		Rule: rule, Key: key, Keep: time.Minute, Position: p,
		Decision: engine.Decision{At: now, Rule: rule, Trigger: operator, Key: key, Outcome: outcome, Reason: reason},
	})
	return err
}

// Retry implements [controls].
func (c *controller) Retry(ctx context.Context, o outboxOrder) (outboxAnswer, error) {
	answer, err := update(ctx, o, c.ledger.Retry)
	told := make(map[string]bool)
	for _, n := range answer.Changed {
		if c.retried != nil && !told[n.Relay] {
			told[n.Relay] = true
			c.retried(ctx, n.Relay)
		}
	}
	return answer, err
}

// Drop implements [controls].
func (c *controller) Drop(ctx context.Context, o outboxOrder) (outboxAnswer, error) {
	return update(ctx, o, c.drop)
}

// drop gives up one open delivery.
func (c *controller) drop(ctx context.Context, event, relay string) error {
	err := c.ledger.Drop(ctx, event, relay)
	if err == nil && c.dropped != nil {
		c.dropped(event, relay)
	}
	return err
}

func update(ctx context.Context, o outboxOrder, do func(ctx context.Context, event, relay string) error) (outboxAnswer, error) {
	answer := outboxAnswer{Changed: []deliveryName{}}
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
