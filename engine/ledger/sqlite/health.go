package sqlite

import (
	"sync"
	"time"

	"zombiezen.com/go/sqlite"
)

// probeEvery is how often a state that could not be written is tried again, whether somebody has something to store or
// not.
const probeEvery = 15 * time.Second

// health is whether the state can be written. Only a probe ends a fault: what happens to need no room proves nothing.
type health struct {
	mu    sync.Mutex
	since time.Time
	fault error
}

// Fault returns why the state cannot be written and since when, nil while it can.
func (l *Ledger) Fault() (since time.Time, err error) {
	h := &l.writer.health
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.since, fault(l.path, h.fault)
}

// note takes the answer to a write. What only the caller has done wrong says nothing about the state.
func (h *health) note(err error) {
	switch sqlite.ErrCode(err).ToPrimary() {
	case sqlite.ResultOK, sqlite.ResultError, sqlite.ResultConstraint, sqlite.ResultInterrupt:
		return
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.fault == nil {
		h.since = time.Now()
	}
	h.fault = err
}

// ill reports whether the last probe has failed, or no one came since a fault.
func (h *health) ill() bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.fault != nil
}

func (h *health) recover() {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.since, h.fault = time.Time{}, nil
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
	w.health.recover()
}
