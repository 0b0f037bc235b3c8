package relay

import (
	"maps"
	"sync"
	"time"
)

// outage tells a failure of our own network from failures of relays. When a relay can be reached again, it wakes the
// sessions whose tries failed only while no relay was heard. Sessions that failed while another relay was connected, or
// that fail again, wait for their own backoff. So a relay that connects and disconnects wakes the others at most once.
type outage struct {
	mu sync.Mutex
	// lastHeard is when a closed connection, or an HTTP refusal, last showed that the network works. Open links have
	// their own times.
	lastHeard time.Time
	links     map[*session]*link
	// failing holds since when the tries of each session have failed.
	failing map[*session]time.Time
	// saved holds the state of sessions that ended during an outage. The next session with that relay continues from
	// it.
	saved map[string]reconnect
}

// outageMemory is how long the saved state of a session is kept.
const outageMemory = time.Hour

// resume returns the saved state of the last session with a relay.
func (o *outage) resume(url string) reconnect {
	o.mu.Lock()
	defer o.mu.Unlock()
	if b, ok := o.saved[url]; ok && time.Since(b.lastTry) < outageMemory {
		return b
	}
	return newReconnect()
}

// save stores the state of a session that ends.
func (o *outage) save(url string, b reconnect) {
	o.mu.Lock()
	defer o.mu.Unlock()
	maps.DeleteFunc(o.saved, func(_ string, old reconnect) bool { return time.Since(old.lastTry) >= outageMemory })
	delete(o.saved, url)
	if !b.since.IsZero() {
		o.saved[url] = b
	}
}

func newOutage() *outage {
	return &outage{links: make(map[*session]*link), failing: make(map[*session]time.Time), saved: make(map[string]reconnect)}
}

// failed notes a failed try to connect; answered means that a server answered and refused.
func (o *outage) failed(s *session, answered bool) {
	o.mu.Lock()
	defer o.mu.Unlock()
	now := time.Now()
	if answered {
		o.lastHeard = now
	}
	if _, known := o.failing[s]; !known {
		o.failing[s] = now
	}
}

// connected notes a connection and wakes the sessions that the outage kept waiting.
func (o *outage) connected(s *session, l *link) {
	o.mu.Lock()
	defer o.mu.Unlock()
	for other := range o.links {
		o.noteHeard(other)
	}
	delete(o.failing, s)
	select {
	case <-s.woken: // Too late.
	default:
	}
	o.links[s] = l
	for other, since := range o.failing {
		if since.After(o.lastHeard) {
			notify(other.woken)
		}
	}
	o.lastHeard = time.Now()
}

// lost notes the end of a connection or of the session.
func (o *outage) lost(s *session) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.noteHeard(s)
	delete(o.links, s)
}

// forget removes a session.
func (o *outage) forget(s *session) {
	o.lost(s)
	o.mu.Lock()
	defer o.mu.Unlock()
	delete(o.failing, s)
}

// noteHeard updates lastHeard from the link of a session. The lock is held.
func (o *outage) noteHeard(s *session) {
	if l := o.links[s]; l != nil {
		if alive := time.Unix(0, l.alive.Load()); alive.After(o.lastHeard) {
			o.lastHeard = alive
		}
	}
}
