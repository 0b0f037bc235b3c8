package lookup

import (
	"container/list"
	"context"
	"errors"
	"sync"
	"time"

	"github.com/nbd-wtf/go-nostr"

	"rhea/engine"
)

// Bounds of what a [Newest] remembers and how much it asks for at once.
const (
	maxKeys  = 10_000
	maxBytes = 16 << 20
	maxBatch = 200
	// askAgain is how soon a question that nobody answered is asked again.
	askAgain = time.Minute
)

// Options say what a [Newest] asks for.
type Options[V any] struct {
	// Source asks the relays.
	Source engine.Source
	// Relays are all asked; without any, the source decides whom to ask.
	Relays []string
	// Filter asks for some keys, and Key tells which of them an event answers.
	Filter func(keys []string) nostr.Filter
	Key    func(e *nostr.Event) string
	// Read makes the value of an event; false is as good as no event. It runs in a goroutine of its own.
	Read func(ctx context.Context, e *nostr.Event) (V, bool)
	// Keep is how long a value counts, KeepNone how long it is believed that there is none.
	Keep, KeepNone time.Duration
	// Patience is how long other relays may take when one says that it has nothing; 0 means 3 s. One that takes longer,
	// or comes well after the first and has nothing either, is not waited for the next time.
	Patience time.Duration
	// Most is how many keys one question may have; 0 means 200.
	Most int
	// Fixed says that a key has one event for ever, such as an id: the first relay that has it is enough.
	Fixed bool
}

// Newest finds the newest event under each key, such as the profile of an author, and remembers what was made of it.
//
// A question leaves at once. What is asked for meanwhile waits for the first answer and leaves together, each key
// once; so a crowd costs few questions. The first relay that answers and a short grace for the others set the pace: a
// relay that was slow the last time is asked but not waited for while another one answers, and what it says too late is
// there for the next time. A question waits until all others can be asked. A value that has grown old is still returned
// while the relays are asked again. All methods are safe for concurrent use.
type Newest[V any] struct {
	opts   Options[V]
	relays []*relay

	mu     sync.Mutex
	known  map[string]*list.Element // of *finding[V], the oldest first in order
	order  *list.List
	bytes  int
	wanted []*finding[V]
	// asking says that a question is on its way that nobody has answered yet.
	asking bool
}

// finding is what is known under one key.
type finding[V any] struct {
	key string
	// done is closed when there is a first answer, or there will be none.
	done chan struct{}

	// The lookup's lock guards the rest. event is what value was made of, without its content; nil when there is none.
	event   *nostr.Event
	value   V
	size    int
	err     error
	until   time.Time
	pending bool
}

// keep stores a value, unless a newer one is known.
func (l *Newest[V]) keep(f *finding[V], e *nostr.Event, value V) {
	l.mu.Lock()
	defer l.mu.Unlock()
	f.err, f.until = nil, time.Now().Add(l.opts.Keep)
	if f.event == nil || supersedes(e, f.event) {
		size := 0
		for _, tag := range e.Tags {
			for _, value := range tag {
				size += len(value)
			}
		}
		size += len(e.Content)
		if at := l.known[f.key]; at != nil && at.Value == f {
			l.bytes += size - f.size
		}
		f.event, f.value, f.size = &nostr.Event{ID: e.ID, CreatedAt: e.CreatedAt}, value, size
		l.evict()
	}
	f.settle()
}

// none stores that nothing was found, or with an error that nobody answered. What was known before still counts.
func (l *Newest[V]) none(f *finding[V], err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	keep := l.opts.KeepNone
	switch {
	case errors.Is(err, engine.ErrUnanswered):
		keep = askAgain
	case err != nil:
		keep = 0
	}
	f.until = time.Now().Add(keep)
	if f.event == nil {
		f.err = err
	}
	f.settle()
}

func (f *finding[V]) settle() {
	f.pending = false
	select {
	case <-f.done:
	default:
		close(f.done)
	}
}

// evict forgets what was asked for first, also before the relays were asked.
func (l *Newest[V]) evict() {
	for len(l.known) > maxKeys || l.bytes > maxBytes {
		l.drop(l.order.Front())
	}
	for len(l.wanted) > maxKeys {
		f := l.wanted[0]
		l.wanted = l.wanted[1:]
		if f.event == nil {
			f.err = engine.ErrUnanswered
		}
		f.settle()
	}
}

func (l *Newest[V]) drop(at *list.Element) {
	f, _ := l.order.Remove(at).(*finding[V])
	l.bytes -= f.size
	delete(l.known, f.key)
}

// supersedes reports whether one replaceable event takes the place of another (NIP-01).
func supersedes(e, old *nostr.Event) bool {
	return e.CreatedAt > old.CreatedAt || e.CreatedAt == old.CreatedAt && e.ID < old.ID
}
