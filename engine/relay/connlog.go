package relay

import (
	"log/slog"
	"sync"
	"time"
)

// connLog logs changes of the connection state of a relay, but not every try. After a short connection, only one that
// lasts is logged, so a relay that connects and disconnects all the time counts as unreachable.
type connLog struct {
	log *slog.Logger

	mu     sync.Mutex
	logged connState
	// unstable is true when the last connection was short. confirm is the timer that waits until the next one has
	// lasted.
	unstable bool
	confirm  *time.Timer
}

type connState int

const (
	unlogged connState = iota
	connected
	away
)

func (l *connLog) connected() {
	l.mu.Lock()
	defer l.mu.Unlock()
	if !l.unstable {
		l.logConnected()
		return
	}
	var proof *time.Timer
	proof = time.AfterFunc(stable, func() {
		l.mu.Lock()
		defer l.mu.Unlock()
		if l.confirm == proof {
			l.logConnected()
		}
	})
	l.confirm = proof
}

func (l *connLog) logConnected() {
	if l.logged != connected {
		l.log.Info("relay connected")
	}
	l.logged = connected
}

// lost notes the end of a connection; held is true when it lasted.
func (l *connLog) lost(held bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.unstable = !held
	if l.confirm != nil {
		l.confirm.Stop()
		l.confirm = nil
	}
}

// disconnected logs why there is no connection, and when the next try is due.
func (l *connLog) disconnected(err error, wait time.Duration) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.logged != away {
		l.log.Warn("relay unreachable", "error", err)
	} else {
		l.log.Debug("relay still unreachable", "error", err, "next", wait)
	}
	l.logged = away
}
