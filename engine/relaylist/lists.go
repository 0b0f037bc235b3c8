package relaylist

import (
	"context"
	"net/netip"
	"sync"
	"time"

	"github.com/nbd-wtf/go-nostr"

	"rhea/engine"
)

// Options are what lists are found with.
type Options struct {
	// Source asks relays.
	Source engine.Source
	// Ask are the relays that are asked for the lists of people.
	Ask []string
	// Own are the write relays of identities that the operator has configured, by public key.
	Own map[string][]string
	// Known are the relays that the operator has named; they may be anywhere.
	Known []string
	// Normalize returns the one form of an address.
	Normalize func(address string) (string, error)
	// Resolve looks up a name, so that one that leads into a private network is not used; nil looks up none.
	Resolve func(ctx context.Context, host string) ([]netip.Addr, error)
}

// Lists knows where people publish and read. Its methods are safe for concurrent use.
type Lists struct {
	opts  Options
	known map[string]bool

	mu     sync.Mutex
	people map[string]*person
}

var _ engine.RelayLists = (*Lists)(nil)

// New returns lists that know nobody yet.
func New(o Options) *Lists {
	l := &Lists{opts: o, known: make(map[string]bool, len(o.Known)), people: make(map[string]*person)}
	for _, relay := range o.Known {
		l.known[relay] = true
	}
	return l
}

const (
	// foundFor, missingFor and failedFor are how long it is remembered that somebody has a list, has none, or could
	// not be asked about.
	foundFor   = 6 * time.Hour
	missingFor = 10 * time.Minute
	failedFor  = time.Minute
	// maxPeople is how many are remembered.
	maxPeople = 10_000
	// deadline is how long an event waits for lists, lookup how long a question may take for the next event.
	deadline = 3 * time.Second
	lookup   = 15 * time.Second
	// grace is how much longer the other relays may take when one has a list, patience when one has none.
	grace    = 300 * time.Millisecond
	patience = time.Second
)

// person is what is known of one, once done is closed.
type person struct {
	done  chan struct{}
	list  list
	until time.Time
}

// find returns the lists of people, waiting for those that have to be asked for until ctx ends.
func (l *Lists) find(ctx context.Context, pubkeys []string) map[string]list {
	people := make([]*person, len(pubkeys))
	asked := make(map[string]*person)
	now := time.Now()
	l.mu.Lock()
	for i, pubkey := range pubkeys {
		p := l.people[pubkey]
		if p == nil || p.ended(now) {
			p = &person{done: make(chan struct{})}
			l.evict(now)
			l.people[pubkey] = p
			asked[pubkey] = p
		}
		people[i] = p
	}
	l.mu.Unlock()
	if len(asked) > 0 {
		// An answer that comes too late for this event is there for the next one.
		go l.ask(context.WithoutCancel(ctx), asked)
	}
	found := make(map[string]list, len(pubkeys))
	for i, p := range people {
		select {
		case <-p.done:
			found[pubkeys[i]] = p.list
		case <-ctx.Done():
		}
	}
	return found
}

// ended reports whether what is known is too old.
func (p *person) ended(now time.Time) bool {
	select {
	case <-p.done:
		return now.After(p.until)
	default:
		return false
	}
}

// evict makes room: for those who are too old first, else for anybody.
func (l *Lists) evict(now time.Time) {
	if len(l.people) < maxPeople {
		return
	}
	for pubkey, p := range l.people {
		if p.ended(now) {
			delete(l.people, pubkey)
		}
	}
	for pubkey := range l.people {
		if len(l.people) < maxPeople {
			return
		}
		delete(l.people, pubkey)
	}
}

// ask looks up the lists of people and completes them.
func (l *Lists) ask(ctx context.Context, people map[string]*person) {
	ctx, cancel := context.WithTimeout(ctx, lookup)
	defer cancel()
	newest, answered := l.newest(ctx, people)
	for pubkey, p := range people {
		e, found := newest[pubkey]
		switch {
		case found:
			p.list = parse(e, l.usable)
			p.list.write, p.list.read = l.resolved(ctx, p.list.write), l.resolved(ctx, p.list.read)
			p.until = time.Now().Add(foundFor)
		case answered:
			p.until = time.Now().Add(missingFor)
		default:
			p.until = time.Now().Add(failedFor)
		}
		close(p.done)
	}
}

// newest asks all relays at once and returns the newest list of each of people; answered says that a relay did answer.
// It does not wait for those that take much longer than the others.
func (l *Lists) newest(ctx context.Context, people map[string]*person) (newest map[string]nostr.Event, answered bool) {
	filter := nostr.Filter{Kinds: []int{nostr.KindRelayListMetadata}}
	for pubkey := range people {
		filter.Authors = append(filter.Authors, pubkey)
	}
	type answer struct {
		events []nostr.Event
		err    error
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	answers := make(chan answer, len(l.opts.Ask))
	for _, relay := range l.opts.Ask {
		go func() {
			events, err := l.opts.Source.Fetch(ctx, []string{relay}, filter)
			answers <- answer{events, err}
		}()
	}
	newest = make(map[string]nostr.Event)
	var enough <-chan time.Time
	for range l.opts.Ask {
		select {
		case a := <-answers:
			if a.err != nil {
				continue
			}
			for _, e := range a.events {
				old, known := newest[e.PubKey]
				if people[e.PubKey] != nil && e.Kind == nostr.KindRelayListMetadata && (!known || supersedes(e, old)) {
					newest[e.PubKey] = e
				}
			}
			wait := patience
			if len(newest) == len(people) {
				wait = grace
			}
			if !answered || wait == grace {
				enough = time.After(wait)
			}
			answered = true
		case <-enough:
			return newest, answered
		case <-ctx.Done():
			return newest, answered
		}
	}
	return newest, answered
}

// supersedes reports whether one replaceable event takes the place of another (NIP-01).
func supersedes(e, old nostr.Event) bool {
	return e.CreatedAt > old.CreatedAt || e.CreatedAt == old.CreatedAt && e.ID < old.ID
}
