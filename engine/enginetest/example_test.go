package enginetest_test

import (
	"context"
	"testing"
	"time"

	"rhea/engine"
	"rhea/engine/enginetest"
	"rhea/engine/ledger/memory"
)

// hourly fires every hour.
type hourly struct{ setup engine.Setup }

type hourlyData struct{ engine.Scope }

// Run implements [engine.Trigger].
func (h hourly) Run(ctx context.Context, in engine.Intake) error {
	for engine.Wait(ctx, time.Hour) {
		now := time.Now()
		err := engine.EmitUntilStored(ctx, in, h.setup, func() engine.Signal {
			return engine.Signal{Key: now.Format(time.RFC3339), Time: now, Data: new(hourlyData)}
		})
		if err != nil {
			return engine.UnlessDone(ctx, err)
		}
	}
	return nil
}

func hourlyKind() engine.TriggerKind {
	return engine.NewTriggerKind[struct{}, hourlyData]("hourly", struct{}{}, func(_ struct{}, s engine.Setup) (engine.Trigger, error) {
		return hourly{s}, nil
	})
}

// The suite for a trigger of your own runs on the clock of testing/synctest.
func ExampleTrigger() {
	testHourly := func(t *testing.T) {
		enginetest.Trigger(t, func(t *testing.T) enginetest.TriggerWorld {
			return enginetest.TriggerWorld{
				Build:  func() engine.Trigger { return enginetest.Build(t, hourlyKind(), struct{}{}, enginetest.Setup(t, nil)) },
				Happen: func() { <-time.After(time.Hour) },
			}
		})
	}
	_ = testHourly // The body of a func TestHourly(t *testing.T).
}

// store is a memory ledger under test. One of your own opens its files here.
type store struct{ *memory.Store }

// Open implements [enginetest.LedgerStore].
func (s store) Open() (engine.Ledger, error) { return s.Store.Open(), nil }

// Crash implements [enginetest.LedgerStore]: in memory a crash loses nothing but the open ledgers.
func (store) Crash() error { return nil }

// The suite for a ledger of your own.
func ExampleLedger() {
	testStore := func(t *testing.T) {
		enginetest.Ledger(t, func(testing.TB) enginetest.LedgerStore { return store{memory.NewStore()} })
	}
	_ = testStore // The body of a func TestStore(t *testing.T).
}
