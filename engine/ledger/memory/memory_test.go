package memory_test

import (
	"testing"

	"rhea/engine"
	"rhea/engine/enginetest"
	"rhea/engine/ledger/memory"
)

func TestLedger(t *testing.T) {
	t.Parallel()
	enginetest.Ledger(t, func(testing.TB) enginetest.LedgerStore { return store{memory.NewStore()} })
}

// store outlives its ledgers: in memory a crash loses nothing but them.
type store struct{ *memory.Store }

func (s store) Open() (engine.Ledger, error) { return s.Store.Open(), nil }

func (store) Crash() error { return nil }
