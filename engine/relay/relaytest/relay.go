package relaytest

import (
	"context"
	"net"
	"net/http"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/coder/websocket"
	"github.com/nbd-wtf/go-nostr"

	"rhea/engine/relay/local"
)

// Relay is a relay for one test. It ends with the test.
type Relay struct {
	// Local is the honest relay behind the behaviours. It keeps its events over Stop and Start.
	Local *local.Relay

	tb     testing.TB
	listen func() (net.Listener, error)
	url    string

	mu         sync.Mutex
	behaviours []Behaviour
	server     *http.Server
	conns      map[*Conn]bool
	made       int
	heard      []Message
	changed    chan struct{}
	serving    sync.WaitGroup
}

// Conn is one connection of a client, as behaviours see it.
type Conn struct {
	// Number counts the connections of a relay from 1.
	Number int

	relay  *Relay
	began  time.Time
	wire   *wire
	ws     *websocket.Conn
	client *local.Client
	ctx    context.Context
	cancel context.CancelFunc
	frozen atomic.Bool
	write  sync.Mutex
}

// Behaviour changes what a relay does on its connections. A nil field changes nothing.
type Behaviour struct {
	// Upgrade may answer the HTTP request of a new connection itself and then returns true.
	Upgrade func(w http.ResponseWriter, r *http.Request) bool
	// Informs may answer a request for the relay's information itself (NIP-11) and then returns true.
	Informs func(w http.ResponseWriter) bool
	// Opened is called when a connection is open, before anything is sent.
	Opened func(c *Conn)
	// Hears is called with each message of the client. With false the honest relay does not get it.
	Hears func(c *Conn, m Message) bool
	// Says is called with each message of the honest relay and returns what is sent instead.
	Says func(c *Conn, m Message) []Message
}

// URL is the address of the relay; it stays the same over Stop and Start.
func (r *Relay) URL() string { return r.url }

// Behave replaces the behaviours, for open connections too.
func (r *Relay) Behave(behaviours ...Behaviour) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.behaviours = behaviours
}

// Publish stores an event in the honest relay, as another client would. It fails the test when the event is refused.
func (r *Relay) Publish(e nostr.Event) {
	r.tb.Helper()
	if ok, reason := r.Local.Publish(e); !ok {
		r.tb.Fatalf("%s refused %s: %s", r.url, e.ID, reason)
	}
}

// Connections is how many connections were made so far.
func (r *Relay) Connections() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.made
}

// Open is how many connections are open.
func (r *Relay) Open() int { return len(r.open()) }

// Heard returns the messages of clients so far under a label ("" for all), oldest first.
func (r *Relay) Heard(label string) []Message {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.labelled(label)
}

func (r *Relay) labelled(label string) []Message {
	return slices.DeleteFunc(slices.Clone(r.heard), func(m Message) bool { return label != "" && m.Label() != label })
}

// Await waits until clients have sent at least n messages under a label and returns them.
func (r *Relay) Await(label string, n int) []Message {
	r.tb.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), awaitLimit)
	defer cancel()
	for {
		r.mu.Lock()
		heard, changed := r.labelled(label), r.changed
		r.mu.Unlock()
		if len(heard) >= n {
			return heard
		}
		select {
		case <-changed:
		case <-ctx.Done():
			r.tb.Fatalf("%s heard %d %s messages within %s, want %d: %q", r.url, len(heard), label, awaitLimit, n, heard)
		}
	}
}

// awaitLimit is long, because time in a synctest bubble costs nothing and a real failure is rare.
const awaitLimit = 30 * time.Second

func (r *Relay) record(m Message) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.heard = append(r.heard, m)
	close(r.changed)
	r.changed = make(chan struct{})
}

func (r *Relay) current() []Behaviour {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.behaviours
}

func (r *Relay) open() []*Conn {
	r.mu.Lock()
	defer r.mu.Unlock()
	conns := make([]*Conn, 0, len(r.conns))
	for c := range r.conns {
		conns = append(conns, c)
	}
	return conns
}

// opened registers a connection; false when the relay has stopped meanwhile.
func (r *Relay) opened(c *Conn) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.made++
	c.Number = r.made
	if r.server == nil {
		return false
	}
	r.conns[c] = true
	r.serving.Add(1)
	return true
}

func (r *Relay) closed(c *Conn) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.conns[c] {
		delete(r.conns, c)
		r.serving.Done()
	}
}
