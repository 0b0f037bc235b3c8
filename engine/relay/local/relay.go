package local

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"net/http"
	"slices"
	"sync"
	"time"

	"github.com/nbd-wtf/go-nostr"
)

// Relay keeps events and serves clients. All methods are safe for concurrent use.
type Relay struct {
	opts Options

	mu      sync.Mutex
	store   store
	clients map[*Client]bool
	url     string
	server  *http.Server
	closed  bool
	serving sync.WaitGroup
}

// New returns an empty relay. Close it when it has listened or served.
func New(opts Options) *Relay {
	if opts.Name == "" {
		opts.Name = "local relay"
	}
	if opts.MaxEvents <= 0 {
		opts.MaxEvents = 10_000
	}
	if opts.MaxBytes <= 0 {
		opts.MaxBytes = 64 << 20
	}
	if opts.MaxClients <= 0 {
		opts.MaxClients = 128
	}
	if opts.MaxLimit <= 0 {
		opts.MaxLimit = 500
	}
	if opts.MaxSubscriptions <= 0 {
		opts.MaxSubscriptions = 64
	}
	if opts.MaxMessage <= 0 {
		opts.MaxMessage = 256 << 10
	}
	return &Relay{opts: opts, store: newStore(opts.MaxEvents, opts.MaxBytes), clients: make(map[*Client]bool)}
}

// Publish takes an event as if a client had sent it, and returns the last two fields of the OK message.
func (r *Relay) Publish(event nostr.Event) (ok bool, reason string) {
	if reason := check(&event, time.Now()); reason != "" {
		return false, reason
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	fresh, reason := r.store.add(event, time.Now())
	if !fresh {
		return reason == duplicate, reason
	}
	if r.opts.Accepted != nil {
		r.opts.Accepted(event)
	}
	for c := range r.clients {
		c.offer(&event)
	}
	return true, ""
}

// Query returns the stored events that match the filter, newest first, up to its limit.
func (r *Relay) Query(filter nostr.Filter) []nostr.Event {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.store.query(filter, r.opts.MaxEvents, time.Now())
}

// Events returns everything stored, newest first.
func (r *Relay) Events() []nostr.Event { return r.Query(nostr.Filter{}) }

// Connect opens a connection without a socket. The relay ends it, closing Done, when its frames are not read.
func (r *Relay) Connect() *Client {
	c := newClient(r)
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.closed || len(r.clients) >= r.opts.MaxClients {
		c.end()
		return c
	}
	r.clients[c] = true
	return c
}

// Close ends all connections and the listener. Stored events stay readable through Query.
func (r *Relay) Close() error {
	r.mu.Lock()
	r.closed = true
	for c := range r.clients {
		c.end()
	}
	server := r.server
	r.mu.Unlock()
	var err error
	if server != nil {
		err = server.Close()
	}
	r.serving.Wait()
	return err
}

// subscribe registers the filters and returns the stored events for them in one step, so that no event is missed
// between.
func (r *Relay) subscribe(c *Client, id string, filters nostr.Filters) (stored []nostr.Event, ok bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if _, replaces := c.subscriptions[id]; !replaces && len(c.subscriptions) >= r.opts.MaxSubscriptions {
		return nil, false
	}
	c.subscriptions[id] = filters
	sent := make(map[string]bool)
	for _, f := range filters {
		for _, e := range r.store.query(f, r.limit(f), time.Now()) {
			if r.opts.MaxAnswer > 0 && len(stored) == r.opts.MaxAnswer {
				return stored, true
			}
			if !sent[e.ID] {
				sent[e.ID] = true
				stored = append(stored, e)
			}
		}
	}
	return stored, true
}

// limit is how many stored events a filter gets at most.
func (r *Relay) limit(f nostr.Filter) int {
	if f.Limit == 0 && r.opts.DefaultLimit > 0 {
		return min(r.opts.DefaultLimit, r.opts.MaxLimit)
	}
	return r.opts.MaxLimit
}

func (r *Relay) unsubscribe(c *Client, id string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	delete(c.subscriptions, id)
}

func (r *Relay) drop(c *Client) {
	r.mu.Lock()
	defer r.mu.Unlock()
	delete(r.clients, c)
}

// Subscriptions returns the ids of all open subscriptions, sorted.
func (r *Relay) Subscriptions() []string {
	r.mu.Lock()
	defer r.mu.Unlock()
	var ids []string
	for c := range r.clients {
		for id := range c.subscriptions {
			ids = append(ids, id)
		}
	}
	slices.Sort(ids)
	return ids
}

// URL is the ws:// address, "" before Listen or SetURL.
func (r *Relay) URL() string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.url
}

// SetURL sets the address of a relay that another server serves. AUTH events must name it.
func (r *Relay) SetURL(url string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.url = url
}

// Client is one connection to the relay.
type Client struct {
	relay     *Relay
	challenge string
	out       chan []byte
	done      chan struct{}
	once      sync.Once

	// subscriptions is guarded by relay.mu; authed is touched by Receive only.
	subscriptions map[string]nostr.Filters
	authed        map[string]bool
}

func newClient(r *Relay) *Client {
	c := &Client{
		relay:         r,
		challenge:     rand.Text(),
		out:           make(chan []byte, 256),
		done:          make(chan struct{}),
		subscriptions: make(map[string]nostr.Filters),
		authed:        make(map[string]bool),
	}
	if r.opts.AuthToRead || r.opts.AuthToWrite {
		c.out <- message("AUTH", c.challenge)
	}
	return c
}

// Frames are the messages of the relay to this client.
func (c *Client) Frames() <-chan []byte { return c.out }

// Done is closed when the relay has ended the connection.
func (c *Client) Done() <-chan struct{} { return c.done }

// Close ends the connection.
func (c *Client) Close() {
	c.end()
	c.relay.drop(c)
}

func (c *Client) end() { c.once.Do(func() { close(c.done) }) }

// say waits for room: from a client that does not read its answers, the relay does not read either.
func (c *Client) say(ctx context.Context, parts ...any) {
	select {
	case c.out <- message(parts...):
	case <-c.done:
	case <-ctx.Done():
	}
}

// offer sends a live event. A client that reads too slowly is disconnected. The lock of the relay is held.
func (c *Client) offer(e *nostr.Event) {
	for id, filters := range c.subscriptions {
		if !filters.Match(e) {
			continue
		}
		select {
		case c.out <- message("EVENT", id, e):
		default:
			c.end()
			return
		}
	}
}

func message(parts ...any) []byte {
	b, err := json.Marshal(parts)
	if err != nil {
		panic("local: a message of strings and events cannot fail to marshal: " + err.Error())
	}
	return b
}
