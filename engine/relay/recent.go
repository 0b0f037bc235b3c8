package relay

import (
	"errors"
	"sync"
	"sync/atomic"

	"github.com/nbd-wtf/go-nostr"

	"rhea/engine/relay/wire"
)

const (
	recentEvents = 1024
	recentBytes  = 4 << 20
)

var errSignature = errors.New("bad signature")

// checked is an event whose id is the hash of its body, shared by all relays and queries. Its signature is checked on
// demand, and only once.
type checked struct {
	key   wire.CopyKey
	event *nostr.Event
	size  int
	// authors checks the signature.
	authors *authors

	once   sync.Once
	err    error
	forged atomic.Bool
}

// verify checks the signature.
func (c *checked) verify() error {
	c.once.Do(func() {
		if !c.authors.signed(c.event, c.key) {
			c.err = errSignature
			c.forged.Store(true)
		}
	})
	return c.err
}

// recent shares the latest events.
type recent struct {
	authors *authors

	mu     sync.Mutex
	copies *window[wire.CopyKey, *checked]
}

func newRecent() *recent {
	w := newWindow[wire.CopyKey, *checked](recentEvents)
	w.weigh = func(c *checked) int { return c.size }
	w.maxWeight = recentBytes
	return &recent{authors: newAuthors(), copies: w}
}

// read parses the peeked event. One with a known id and signature is not parsed again: it is the same event.
func (r *recent) read(peek *wire.Peek) (*checked, error) {
	key, ok := peek.ClaimedCopy()
	if !ok {
		return nil, wire.ErrShape
	}
	r.mu.Lock()
	known, ok := r.copies.get(key)
	r.mu.Unlock()
	if ok {
		return known, nil
	}
	event := peek.Event
	if event == nil {
		var err error
		if event, err = wire.ParseEvent(peek.Raw); err != nil {
			return nil, err
		}
	}
	c := &checked{key: key, event: event, size: len(peek.Raw) + 512, authors: r.authors}
	r.mu.Lock()
	defer r.mu.Unlock()
	if known, ok := r.copies.get(key); ok {
		return known, nil
	}
	r.copies.put(key, c)
	return c, nil
}

// window keeps the latest entries: at least limit of them, at most twice as many. It drops the older half at once,
// which is cheaper than to keep an order. It is not safe for concurrent use.
type window[K comparable, V any] struct {
	young, old map[K]V
	limit      int
	// When weigh is set, the weight of the young half may not exceed maxWeight either.
	weigh     func(V) int
	weight    int
	maxWeight int
}

func newWindow[K comparable, V any](limit int) *window[K, V] {
	return &window[K, V]{young: make(map[K]V), limit: limit}
}

func (w *window[K, V]) get(k K) (V, bool) {
	if v, ok := w.young[k]; ok {
		return v, true
	}
	v, ok := w.old[k]
	return v, ok
}

func (w *window[K, V]) put(k K, v V) {
	if w.weigh != nil {
		w.weight += w.weigh(v)
	}
	if w.young == nil || len(w.young) >= w.limit || (w.weigh != nil && w.weight > w.maxWeight) {
		w.old, w.young = w.young, make(map[K]V)
		w.weight = 0
	}
	w.young[k] = v
}
