package local

import (
	"net/http"
	"slices"
	"sync"
	"time"

	"github.com/nbd-wtf/go-nostr"
)

// Options configure a relay. With the zero value it accepts every valid event.
type Options struct {
	// Name is shown in the relay information.
	Name string
	// MaxEvents is how many events are kept, and MaxBytes their size together; the oldest go first.
	// 0 means 10,000 and 64 MiB.
	MaxEvents, MaxBytes int
	// MaxClients is how many connections are served at once; 0 means 128.
	MaxClients int
	// MaxLimit is how many stored events one filter gets at most; 0 means 500. DefaultLimit is how many a filter
	// without a limit gets, and MaxAnswer how many all filters of a REQ get together, the first ones first; 0 means no
	// further bound.
	MaxLimit, DefaultLimit, MaxAnswer int
	// MaxSubscriptions is how many subscriptions a client may have; 0 means 64.
	MaxSubscriptions int
	// MaxMessage is the longest message of a client in bytes; 0 means 256 KiB.
	MaxMessage int64
	// AuthToRead and AuthToWrite answer auth-required until the client has authenticated (NIP-42).
	AuthToRead, AuthToWrite bool
	// Accepted, when set, is called for every event that is accepted for the first time, in order. It must return
	// quickly and not call the relay.
	Accepted func(nostr.Event)
}

const (
	maxFilters = 32
	maxTags    = 2000
	maxFuture  = 15 * time.Minute
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
