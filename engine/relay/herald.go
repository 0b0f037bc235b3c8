package relay

import (
	"log/slog"
	"sync"
	"time"
)

// herald tells when a relay's state changes, and not of every try. After a connection that was soon lost, only one that
// holds is news: a relay that comes and goes is one that is away.
type herald struct {
	log *slog.Logger

	mu   sync.Mutex
	told state
	// shaky says that the last connection was soon lost; proof is what waits for one to hold.
	shaky bool
	proof *time.Timer
}

type state int

const (
	untold state = iota
	connected
	away
)

func (h *herald) connected() {
	h.mu.Lock()
	defer h.mu.Unlock()
	if !h.shaky {
		h.tell()
		return
	}
	var proof *time.Timer
	proof = time.AfterFunc(stable, func() {
		h.mu.Lock()
		defer h.mu.Unlock()
		if h.proof == proof {
			h.tell()
		}
	})
	h.proof = proof
}

func (h *herald) tell() {
	if h.told != connected {
		h.log.Info("relay connected")
	}
	h.told = connected
}

// lost notes the end of a connection that has held, or has not.
func (h *herald) lost(held bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.shaky = !held
	if h.proof != nil {
		h.proof.Stop()
		h.proof = nil
	}
}

// away says why there is no connection, and when the next try is due.
func (h *herald) away(err error, wait time.Duration) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.told != away {
		h.log.Info("relay unreachable", "error", err)
	} else {
		h.log.Debug("relay still unreachable", "error", err, "next", wait)
	}
	h.told = away
}
