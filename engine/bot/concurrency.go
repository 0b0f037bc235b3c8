package bot

import "context"

// start waits for the signal's turn: signals of one group run in the order in which they came, and no more than the
// rule's concurrency run at once. What waits is not stored: after a restart its trigger emits it again.
func (r *runner) start(ctx context.Context, t *trial) error {
	if group := t.Group; group != "" {
		leave, err := r.groups.enter(ctx, group)
		if err != nil {
			return err
		}
		t.leave = append(t.leave, leave)
	}
	select {
	case r.slots <- struct{}{}:
		t.leave = append(t.leave, func() { <-r.slots })
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// groupOf replaces the trigger's group by the rule's own expression.
func (r *runner) groupOf(ctx context.Context, t *trial) error {
	if r.rule.Group.IsZero() {
		return nil
	}
	group, err := patiently(ctx, r, t, r.rule.Group.Eval)
	if err == nil {
		t.Group = group
	}
	return err
}
