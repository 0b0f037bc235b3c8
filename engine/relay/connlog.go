package relay

import (
	"log/slog"
	"sync"
	"time"
)

// connLog tells when a relay's state changes, and not of every try. After a connection that was soon lost, only one that
// floors is news: a relay that comes and goes is one that is away.
type connLog struct {
	log *slog.Logger

	mu     sync.Mutex
	logged connState
	// unstable says that the last connection was soon lost; proof is what waits for one to hold.
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

// lost notes the end of a connection that has held, or has not.
func (l *connLog) lost(held bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.unstable = !held
	if l.confirm != nil {
		l.confirm.Stop()
		l.confirm = nil
	}
}

// disconnected says why there is no connection, and when the next try is due.
func (l *connLog) disconnected(err error, wait time.Duration) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.logged != away {
		l.log.Info("relay unreachable", "error", err)
	} else {
		l.log.Debug("relay still unreachable", "error", err, "next", wait)
	}
	l.logged = away
}
