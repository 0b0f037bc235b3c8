package relay

import (
	"maps"
	"sync"
	"time"
)

// outage tells a fault of the machine's own network from the faults of relays. A relay that can be reached again ends
// the wait of all whose tries have failed only while nobody was heard of. What failed while another relay was there, or
// fails again, waits for its own turn: so a relay that comes and goes wakes the others once at most.
type outage struct {
	mu sync.Mutex
	// lastHeard is when a connection that is over, or a refusal, last showed that the network works; links show it themselves.
	lastHeard time.Time
	links     map[*session]*link
	// failing says since when the tries of a session have failed.
	failing map[*session]time.Time
	// saved is where sessions stood that ended during an outage: the next one with that relay goes on from there.
	saved map[string]reconnect
}

// outageMemory is how long an outage is remembered that nobody looks at.
const outageMemory = time.Hour

// resume returns where the last session with a relay stood.
func (o *outage) resume(url string) reconnect {
	o.mu.Lock()
	defer o.mu.Unlock()
	if b, ok := o.saved[url]; ok && time.Since(b.lastTry) < outageMemory {
		return b
	}
	return newReconnect()
}

// leave notes where a session stood in the end.
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

// failed notes a try to connect that has failed; answered says that there was a server, which said no.
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

// connected notes a connection and wakes those that the outage kept away.
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

// lost notes the end of a connection, or of the session.
func (o *outage) lost(s *session) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.noteHeard(s)
	delete(o.links, s)
}

// gone forgets a session.
func (o *outage) forget(s *session) {
	o.lost(s)
	o.mu.Lock()
	defer o.mu.Unlock()
	delete(o.failing, s)
}

// listen asks a session's link when it last heard of its relay. The lock is held.
func (o *outage) noteHeard(s *session) {
	if l := o.links[s]; l != nil {
		if alive := time.Unix(0, l.alive.Load()); alive.After(o.lastHeard) {
			o.lastHeard = alive
		}
	}
}
