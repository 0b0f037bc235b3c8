package sqlite

import (
	"sync"
	"time"

	"zombiezen.com/go/sqlite"
)

// probeEvery is how often a state that could not be written is tried again, whether somebody has something to store or
// not.
const probeEvery = 15 * time.Second

// health is whether the state can be written and is whole. Only a probe ends a fault: what happens to need no room proves
// nothing. Damage ends with the process: what SQLite writes next proves nothing about what it did not read.
type health struct {
	mu     sync.Mutex
	fault  problem
	damage problem
}

// symptom is an error and since when it is there.
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

// Fault returns what is wrong with the state and since when: it is damaged, or cannot be written. Nil while all is well.
func (l *Ledger) Fault() (since time.Time, err error) {
	h := &l.writer.health
	h.mu.Lock()
	defer h.mu.Unlock()
	worst := h.fault
	if h.damage.err != nil {
		worst = h.damage
	}
	return worst.since, fault(l.path, worst.err)
}

// note takes the answer to a write or a look at the file. What only the caller has done wrong says nothing about the
// state.
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

// ill reports whether the last probe has failed, or no one came since a fault.
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

// probe stores something that needs room, and takes it out again.
func (w *writer) probe() {
	for _, change := range []string{
		"INSERT OR REPLACE INTO position (stream, value, until) VALUES ('probe', hex(zeroblob(8192)), 0)",
		"DELETE FROM position WHERE stream = 'probe'",
	} {
		err := transaction(w.conn, func(c *sqlite.Conn) error { return exec(c, change, nil) })
		if err != nil {
			w.health.note(err)
			return
		}
	}
	w.health.clearFault()
}
