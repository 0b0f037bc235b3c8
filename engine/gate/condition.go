package gate

import (
	"context"
	"errors"
	"fmt"
	"time"

	"rhea/engine"
)

// prepareGate has the trigger fetch what is costly and only some rules name.
func prepareGate() Gate {
	return check{"prepare", func(ctx context.Context, c *Candidate) (Verdict, error) {
		if c.Prepare != nil {
			c.Prepare(ctx)
		}
		return skip(), ctx.Err()
	}}
}

// conditionGate asks the rule's conditions. They are pure, so they may look at an event whose signature is not checked
// yet; nothing is claimed or sent before it is.
func conditionGate(r *facts) Gate {
	return check{"condition", func(ctx context.Context, c *Candidate) (Verdict, error) {
		if len(r.rule.If) == 0 || c.Queued && !c.Again {
			return skip(), nil
		}
		for i, condition := range r.rule.If {
			ok, err := Patiently(ctx, r.gates.opts.Clock, &c.Signal, condition.Eval)
			switch {
			case ctx.Err() != nil:
				return Verdict{}, ctx.Err()
			case errors.Is(err, engine.ErrBusy):
				return Verdict{}, err
			case err != nil:
				return stop(engine.ConditionError, err.Error()), nil
			case !ok:
				return stop(engine.ConditionFalse, conditionName(r.rule.If, i)), nil
			}
		}
		return pass(""), nil
	}}
}

func conditionName(all []engine.Condition, i int) string {
	if len(all) == 1 {
		return all[i].Source()
	}
	return fmt.Sprintf("condition %d: %s", i+1, all[i].Source())
}

// Tries of what was abandoned, and the pause before the second one, which grows.
const (
	evalTries = 3
	evalPause = 2 * time.Second
)

// Patiently evaluates again, a few times, what was abandoned. An item of a feed and a planned time are claimed whatever
// the verdict, so a machine that stood still must not lose them. Events are not tried again: whoever writes slow words
// could hold up others.
func Patiently[T any](ctx context.Context, clock engine.Clock, s *engine.Signal, eval func(engine.Data) (T, error)) (T, error) {
	for n := 1; ; n++ {
		v, err := eval(s.Data)
		if n == evalTries || s.Event != nil || !errors.Is(err, engine.ErrAbandoned) {
			return v, err
		}
		select {
		case <-ctx.Done():
			return v, ctx.Err()
		case <-clock.After(time.Duration(n) * evalPause):
		}
	}
}
