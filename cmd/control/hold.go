package control

import (
	"context"
	"maps"
	"slices"
	"strings"
	"time"

	"rhea/engine"
	"rhea/engine/ledger"
)

// Hold implements [Controls].
func (c *Controller) Hold(ctx context.Context, o HoldOrder) (HoldAnswer, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	before, err := c.holds(ctx, o.Rule)
	answer := HoldAnswer{Rule: o.Rule, Held: true, Holds: list(before)}
	if err != nil || before[engine.HoldStream(o.Rule)] != nil {
		return answer, err
	}
	hold := engine.Hold{Since: time.Now().UTC().Truncate(time.Second), Reason: "by hand"}
	if o.Reason != "" {
		hold.Reason = c.opts.Secrets.Redact(ledger.Text(o.Reason))
	}
	position := hold.Position(o.Rule)
	return answer, c.note(ctx, o.Rule, engine.Held, hold.Reason, &position)
}

// Resume implements [Controls].
func (c *Controller) Resume(ctx context.Context, o HoldOrder) (HoldAnswer, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	before, err := c.holds(ctx, o.Rule)
	answer := HoldAnswer{Rule: o.Rule, Holds: list(before)}
	if err != nil {
		return answer, err
	}
	wake := engine.Position{Stream: engine.WakeStream(o.Rule), Value: time.Now().UTC().Format(time.RFC3339Nano)}
	if len(before) == 0 {
		return answer, c.opts.State.Advance(ctx, wake)
	}
	for stream := range before {
		// These are on the disk with the commit that follows, at the latest.
		if err := c.opts.State.Advance(ctx, engine.Position{Stream: stream}); err != nil {
			return answer, err
		}
	}
	reasons := make([]string, 0, len(before))
	for _, h := range answer.Holds {
		reasons = append(reasons, h.Reason)
	}
	return answer, c.note(ctx, o.Rule, engine.Resumed, "was held: "+strings.Join(reasons, "; "), &wake)
}

// holds returns what holds a rule, by stream: the rule's own and those of its triggers, which lie below it.
func (c *Controller) holds(ctx context.Context, rule string) (map[string]*engine.Hold, error) {
	positions, err := c.opts.State.Positions(ctx, engine.HoldStream(rule))
	if err != nil {
		return nil, err
	}
	return holdsOf(positions, rule), nil
}

// Holds returns what holds a rule by the positions of a state, the operator's own order first.
func Holds(positions map[string]string, rule string) []engine.Hold {
	return list(holdsOf(positions, rule))
}

// holdsOf picks what holds a rule out of positions, by stream: the rule's own hold, and below it those of its triggers,
// each under the name of the trigger's stream.
func holdsOf(positions map[string]string, rule string) map[string]*engine.Hold {
	found := make(map[string]*engine.Hold)
	own := engine.HoldStream(rule)
	for stream, value := range positions {
		if stream != own && !strings.HasPrefix(stream, own+"/"+rule+"/") {
			continue
		}
		if h, ok := engine.ParseHold(value); ok {
			found[stream] = &h
		}
	}
	return found
}

// list puts the rule's own hold first.
func list(holds map[string]*engine.Hold) []engine.Hold {
	sorted := []engine.Hold{}
	for _, stream := range slices.Sorted(maps.Keys(holds)) {
		sorted = append(sorted, *holds[stream])
	}
	return sorted
}
