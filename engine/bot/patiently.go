package bot

import (
	"context"
	"errors"
	"time"

	"rhea/engine"
)

// fault ends the signal with what one of its expressions got wrong. It returns the error when that is ours.
func (t *trial) fault(o engine.Outcome, err error, where string) error {
	if errors.Is(err, engine.ErrBusy) {
		return err
	}
	t.stop(o, where+err.Error())
	return nil
}

// patiently evaluates again, a few times, what was abandoned. An item of a feed and a planned time are claimed whatever
// the verdict, so a machine that stood still must not lose them. Events are not tried again: whoever writes slow words
// could hold up others.
func patiently[T any](ctx context.Context, r *runner, t *trial, eval func(engine.Data) (T, error)) (T, error) {
	for n := 1; ; n++ {
		v, err := eval(t.Data)
		if n == actionTries || t.Event != nil || !errors.Is(err, engine.ErrAbandoned) {
			return v, err
		}
		select {
		case <-ctx.Done():
			return v, ctx.Err()
		case <-r.engine.Clock.After(time.Duration(n) * actionPause):
		}
	}
}
