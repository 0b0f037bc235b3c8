package triggers

import (
	"context"
	"log/slog"
	"time"

	"rhea/engine"
)

const (
	firstRetry = time.Second
	lastRetry  = time.Minute
)

// emit hands a signal in until it is stored or ctx ends, each time with fresh data. A single pass does not try
// again: the next one will.
func emit(ctx context.Context, in engine.Intake, s engine.Setup, signal func() engine.Signal) error {
	return untilStored(ctx, s, func() (string, error) {
		next := signal()
		return next.Key, in.Emit(ctx, next)
	})
}

func untilStored(ctx context.Context, s engine.Setup, store func() (key string, err error)) error {
	for pause := firstRetry; ; pause = min(2*pause, lastRetry) {
		key, err := store()
		if err == nil || ctx.Err() != nil || s.Once {
			return err
		}
		if pause == firstRetry { // The ledger tells the operator, once for all rules.
			s.Log.Debug("signal not stored, trying again", "signal", key, "error", err)
		}
		if !wait(ctx, pause) {
			return ctx.Err()
		}
	}
}

// wait sleeps and reports whether the whole time has passed before ctx ended.
func wait(ctx context.Context, d time.Duration) bool {
	if d <= 0 {
		return ctx.Err() == nil
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-timer.C:
		return true
	}
}

// withLog gives a setup a log if it has none, as while a configuration is only checked.
func withLog(s engine.Setup) engine.Setup {
	if s.Log == nil {
		s.Log = slog.New(slog.DiscardHandler)
	}
	return s
}
