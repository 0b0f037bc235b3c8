package bot_test

import (
	"context"
	"fmt"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"rhea/engine"
)

// longMemory counts how often all answers to somebody are read, however old.
type longMemory struct {
	engine.Ledger

	read atomic.Int64
}

func (l *longMemory) Counted(ctx context.Context, counter string, after time.Time) ([]time.Time, error) {
	if after.IsZero() {
		l.read.Add(1)
	}
	return l.Ledger.Counted(ctx, counter, after)
}

// TestAcquaintancesAreLookedUpOnce has one person answered many times: what they are to the bot is read before the first
// answer and after it, not each time.
func TestAcquaintancesAreLookedUpOnce(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var signals []engine.Signal
		for i := range 20 {
			signals = append(signals, said(t, 1, fmt.Sprint("hello ", i)))
		}
		b := newBench()
		b.rule.Steps[0].Action = repeater()
		ledger := &longMemory{Ledger: b.ledger}
		b.store = ledger
		b.feed2(t, time.Minute, signals...)
		if got := len(b.wire.texts()); got != 20 {
			t.Errorf("%d answers, want 20", got)
		}
		if n := ledger.read.Load(); n != 2 {
			t.Errorf("read %d times, want twice", n)
		}
	})
}
