package control

import (
	"context"
	"time"

	"rhea/engine"
	"rhea/engine/ledger"
	"rhea/engine/ledger/sqlite"
)

// State is a bot's state, opened for writing.
type State interface {
	engine.Ledger
	engine.Journal
	ledger.Outbox
	Condition
	// View reads what is stored, without waiting for writes that are queued. It closes with the state.
	View() ledger.Reader
	// Advertise tells other processes where this one takes orders.
	Advertise(address string) error
}

// Condition tells how a state is.
type Condition interface {
	// Fault returns what is wrong with the state and since when; nil while all is well.
	Fault() (since time.Time, err error)
	// Relays returns the relays that are owed something.
	Relays(ctx context.Context) (map[string]time.Time, error)
}

// OpenReader opens the state file at path for reading, also while a bot runs on it. The error is [io/fs.ErrNotExist] when
// there is none.
func OpenReader(path string) (ledger.Reader, error) {
	r, err := sqlite.OpenReadOnly(path)
	if err != nil {
		return nil, err
	}
	return r, nil
}

// ErrInUse is the error of [Open] when another process has the state open.
var ErrInUse = sqlite.ErrInUse

// Open opens the state file at path for writing, and makes it when there is none. Only one process at a time can.
func Open(path string) (State, error) {
	l, err := sqlite.Open(path, sqlite.Options{})
	if err != nil {
		return nil, err
	}
	return l, nil
}
