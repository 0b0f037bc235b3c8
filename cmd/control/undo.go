package control

import (
	"context"
	"errors"
	"fmt"
	"time"

	"rhea/engine"
	"rhea/engine/ledger"
)

// undoRounds is how often what is taken back is looked for, because it may change meanwhile.
const undoRounds = 3

// undoRetry is how long a relay that cannot be reached is asked again to delete; longer than for a post, because
// what is not taken back stays for ever.
func undoRetry() engine.Retry {
	return engine.Retry{Initial: 2 * time.Second, Max: 5 * time.Minute, MaxElapsed: 7 * 24 * time.Hour}
}

// Undo implements [Controls].
func (c *Controller) Undo(ctx context.Context, o UndoOrder) (UndoAnswer, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	answer := UndoAnswer{Requests: []string{}}
	for range undoRounds {
		changed, err := c.undo(ctx, o, &answer)
		if err != nil || !changed {
			return answer, err
		}
	}
	return answer, nil
}

// undo takes back what there is now, and reports whether something changed meanwhile: an event may have a new id.
func (c *Controller) undo(ctx context.Context, o UndoOrder, answer *UndoAnswer) (changed bool, err error) {
	plan, err := PlanUndo(ctx, c.opts.State.View(), o.Rule, o.Since, o.Until)
	if err != nil {
		return false, err
	}
	batches := plan.batches()
	if len(batches) > 0 {
		signerOf, err := c.opts.Signers(c.opts.State)
		if err != nil {
			return false, err
		}
		for _, e := range plan.Events {
			if signerOf(e.Pubkey) == nil {
				return false, fmt.Errorf("event %s was signed by %s, and no identity of the configuration has that key; "+
					"nothing was taken back", e.ID, e.Pubkey)
			}
		}
		for _, batch := range batches {
			id, err := c.takeBack(ctx, o, batch, signerOf(batch[0].Pubkey))
			if err != nil {
				return false, err
			}
			answer.Events += len(batch)
			answer.Requests = append(answer.Requests, id)
		}
	}
	// Last: after a crash in between, the next undo still finds these.
	for _, n := range plan.Drops {
		switch err := c.drop(ctx, n.Event, n.Relay); {
		case errors.Is(err, ledger.ErrNotFound):
			changed = true
		case err != nil:
			return false, err
		default:
			answer.Dropped++
		}
	}
	return changed, nil
}

// takeBack commits one request, which is delivered like any event.
func (c *Controller) takeBack(ctx context.Context, o UndoOrder, batch []UndoEvent, signer engine.Signer) (id string, err error) {
	now := time.Now()
	e := request(batch, c.opts.Secrets.Redact(o.Reason), now)
	if err := signer.Sign(ctx, &e); err != nil {
		return "", fmt.Errorf("signing: %w", err)
	}
	var owed []engine.Delivery
	for _, relay := range batch[0].Relays {
		owed = append(owed, engine.Delivery{
			Rule: o.Rule, Event: e, Relay: relay, Retry: undoRetry(), Quorum: len(batch[0].Relays), Committed: now,
		})
	}
	reason := "took back 1 event"
	if len(batch) != 1 {
		reason = fmt.Sprintf("took back %d events", len(batch))
	}
	if o.Reason != "" {
		reason += ": " + c.opts.Secrets.Redact(o.Reason)
	}
	_, err = c.opts.State.Commit(ctx, engine.Entry{
		Rule: o.Rule, Key: operator + "/undo/" + e.ID, Keep: time.Minute, Deliveries: owed,
		Decision: engine.Decision{
			At: now, Rule: o.Rule, Trigger: operator, Key: operator + "/undo", Outcome: engine.Undone, Reason: reason,
			Published: []string{e.ID},
		},
	})
	return e.ID, err
}
