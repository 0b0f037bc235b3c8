package relaytest

import (
	"context"
	"errors"
	"net"
	"net/http"
	"slices"
	"sync"
	"testing"
	"time"

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

// New starts a relay on 127.0.0.1 with these behaviours.
func New(tb testing.TB, behaviours ...Behaviour) *Relay {
	tb.Helper()
	return With(tb, local.Options{}, behaviours...)
}

// With is New with options for the honest relay, such as AuthToRead.
func With(tb testing.TB, opts local.Options, behaviours ...Behaviour) *Relay {
	tb.Helper()
	var config net.ListenConfig
	first, err := config.Listen(context.Background(), "tcp", "127.0.0.1:0")
	if err != nil {
		tb.Fatal(err)
	}
	address := first.Addr().String()
	return start(tb, opts, behaviours, address, func() (net.Listener, error) {
		if l := first; l != nil {
			first = nil
			return l, nil
		}
		return config.Listen(context.Background(), "tcp", address)
	})
}

func start(tb testing.TB, opts local.Options, b []Behaviour, address string, l func() (net.Listener, error)) *Relay {
	tb.Helper()
	r := &Relay{
		Local:      local.New(opts),
		tb:         tb,
		listen:     l,
		url:        "ws://" + address,
		behaviours: b,
		conns:      make(map[*Conn]bool),
		changed:    make(chan struct{}),
	}
	r.Local.SetURL(r.url)
	r.Start()
	tb.Cleanup(r.Stop)
	return r
}

// URL is the address of the relay; it stays the same over Stop and Start.
func (r *Relay) URL() string { return r.url }

// Behave replaces the behaviours, for open connections too.
func (r *Relay) Behave(behaviours ...Behaviour) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.behaviours = behaviours
}

// Start serves again after Stop.
func (r *Relay) Start() {
	r.tb.Helper()
	l, err := r.listen()
	if err != nil {
		r.tb.Fatal(err)
	}
	server := &http.Server{
		Handler: http.HandlerFunc(r.serve), ReadHeaderTimeout: time.Minute,
		ConnContext: func(ctx context.Context, c net.Conn) context.Context { return context.WithValue(ctx, wireKey{}, c) },
	}
	r.mu.Lock()
	r.server = server
	r.mu.Unlock()
	r.serving.Go(func() {
		if err := server.Serve(wires{l}); !errors.Is(err, http.ErrServerClosed) {
			r.tb.Error(err)
		}
	})
}

// Stop ends all connections and refuses new ones. Calling it again does nothing.
func (r *Relay) Stop() {
	r.mu.Lock()
	server := r.server
	r.server = nil
	r.mu.Unlock()
	if server == nil {
		return
	}
	if err := server.Close(); err != nil {
		r.tb.Error(err)
	}
	r.Kill()
	r.serving.Wait()
}

// Kill ends all connections without a closing handshake; new ones are accepted.
func (r *Relay) Kill() {
	for _, c := range r.open() {
		c.Kill()
	}
}

// Reset ends all connections with RST where they are TCP.
func (r *Relay) Reset() {
	for _, c := range r.open() {
		c.Reset()
	}
}

// Freeze makes all connections half-open.
func (r *Relay) Freeze() {
	for _, c := range r.open() {
		c.Freeze()
	}
}

// Send sends a message to all connections.
func (r *Relay) Send(m Message) {
	for _, c := range r.open() {
		c.Send(m)
	}
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
