package engine

import (
	"context"
	"time"
)

// The pauses between the tries to store a signal: each is twice as long as the one before.
const (
	firstStoreRetry = time.Second
	lastStoreRetry  = time.Minute
)

// EmitUntilStored hands a signal in until it is stored or ctx ends, each time with fresh data. A single pass
// ([Setup.Once]) does not try again: the next one will.
func EmitUntilStored(ctx context.Context, in Intake, s Setup, signal func() Signal) error {
	return untilStored(ctx, s, func() (string, error) {
		next := signal()
		return next.Key, in.Emit(ctx, next)
	})
}

// RerunUntilStored has a signal that failed run again, as persistently as [EmitUntilStored].
func RerunUntilStored(ctx context.Context, in Intake, s Setup, key string) error {
	return untilStored(ctx, s, func() (string, error) { return key, in.Rerun(ctx, key) })
}

func untilStored(ctx context.Context, s Setup, store func() (key string, err error)) error {
	pauses := Backoff{First: firstStoreRetry, Last: lastStoreRetry}
	for first := true; ; first = false {
		key, err := store()
		if err == nil || ctx.Err() != nil || s.Once {
			return err
		}
		if first { // The ledger tells the operator, once for all rules.
			s.Log.Debug("signal not stored, trying again", "signal", key, "error", err)
		}
		if !Wait(ctx, pauses.Next()) {
			return ctx.Err()
		}
	}
}

// Wait sleeps and reports whether the whole time has passed before ctx ended.
func Wait(ctx context.Context, d time.Duration) bool {
	if d <= 0 {
		return ctx.Err() == nil
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return ctx.Err() == nil
	case <-ctx.Done():
		return false
	}
}

// UnlessDone drops the errors of an ended context: ending is not failing. It is for what [Trigger.Run] returns.
func UnlessDone(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return nil
	}
	return err
}
