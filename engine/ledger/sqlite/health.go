package sqlite

import (
	"sync"
	"time"

	"zombiezen.com/go/sqlite"
)

// health is whether the state can be written and is undamaged. Only a probe ends a fault, because a write that needs no
// room proves nothing. Damage stays until the process ends, because a later write proves nothing about pages that were
// not read.
type health struct {
	mu     sync.Mutex
	fault  problem
	damage problem
}

// problem is an error and since when it exists.
type problem struct {
	since time.Time
	err   error
}

func (s *problem) set(err error) {
	if s.err == nil {
		s.since = time.Now()
	}
	s.err = err
}

// note takes the result of a write or an inspection. Errors of the caller are no fault of the state.
func (h *health) note(err error) {
	code := sqlite.ErrCode(err).ToPrimary()
	switch code {
	case sqlite.ResultOK, sqlite.ResultError, sqlite.ResultConstraint, sqlite.ResultInterrupt:
		return
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	if code == sqlite.ResultCorrupt || code == sqlite.ResultNotADB {
		h.damage.set(err)
		return
	}
	h.fault.set(err)
}

// hasFault reports whether there was a fault since the last successful probe.
func (h *health) hasFault() bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.fault.err != nil
}

func (h *health) clearFault() {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.fault = problem{}
}
