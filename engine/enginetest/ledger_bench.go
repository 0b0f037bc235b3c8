package enginetest

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/nbd-wtf/go-nostr"

	"rhea/engine"
)

const (
	relayA = "wss://a.example"
	relayB = "wss://b.example"
)

// LedgerStore is a store under test.
type LedgerStore interface {
	// Open opens a ledger on the store. A store that admits one ledger at a time may refuse while one is open.
	Open() (engine.Ledger, error)
	// Crash leaves the store as the death of the process that holds it would at this instant. Ledgers that are
	// open stay usable but belong to the past: what they do from now on is not in the store.
	Crash() error
}

// bench is a store on the workbench of one check.
type bench struct {
	*testing.T
	store LedgerStore
}

func (b *bench) open() engine.Ledger {
	b.Helper()
	l, err := b.store.Open()
	if err != nil {
		b.Fatalf("open: %v", err)
	}
	return l
}

// reopen closes l in good order and opens the store again.
func (b *bench) reopen(l engine.Ledger) engine.Ledger {
	b.Helper()
	if err := l.Close(); err != nil {
		b.Fatalf("close: %v", err)
	}
	return b.open()
}

// crash kills the holder of the store and opens it again.
func (b *bench) crash() engine.Ledger {
	b.Helper()
	if err := b.store.Crash(); err != nil {
		b.Fatalf("crash: %v", err)
	}
	return b.open()
}

// commit commits e, which must be fresh or not as expected.
func (b *bench) commit(l engine.Ledger, e engine.Entry, want bool) {
	b.Helper()
	fresh, err := l.Commit(b.Context(), e)
	if err != nil || fresh != want {
		b.Fatalf("commit of (%s, %s) = %v, %v; want %v", e.Rule, e.Key, fresh, err, want)
	}
}

func (b *bench) seen(l engine.Ledger, rule, key string, want bool) {
	b.Helper()
	if seen, err := l.Seen(b.Context(), rule, key); err != nil || seen != want {
		b.Errorf("(%s, %q) was seen = %v, %v; want %v", rule, key, seen, err, want)
	}
}

func (b *bench) position(l engine.Ledger, stream, want string) {
	b.Helper()
	if got, err := l.Position(b.Context(), stream); err != nil || got != want {
		b.Errorf("position of %s = %q, %v; want %q", stream, got, err, want)
	}
}

// tries records what a drain handed out.
type tries struct {
	mu   sync.Mutex
	list []engine.Delivery
}

func (r *tries) add(d engine.Delivery) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.list = append(r.list, d)
}

// keys returns the content of every event handed out, in order.
func (r *tries) keys() []string {
	r.mu.Lock()
	defer r.mu.Unlock()
	keys := make([]string, len(r.list))
	for i, d := range r.list {
		keys[i] = d.Event.Content
	}
	return keys
}

// drain drains l for a span of time and returns what was handed out.
func (b *bench) drain(l engine.Ledger, span time.Duration, deliver func(engine.Delivery) engine.Settlement) *tries {
	b.Helper()
	ctx, cancel := context.WithTimeout(b.Context(), span)
	defer cancel()
	var r tries
	err := l.Drain(ctx, nil, func(_ context.Context, d engine.Delivery, _ func()) engine.Settlement {
		r.add(d)
		return deliver(d)
	})
	if err != nil && !errors.Is(err, ctx.Err()) {
		b.Fatalf("drain: %v", err)
	}
	return &r
}

func accept(engine.Delivery) engine.Settlement { return engine.Settlement{State: engine.Accepted} }

// note returns an event whose text is hard to keep.
func note(name string) nostr.Event {
	e := nostr.Event{
		PubKey: fmt.Sprintf("%064x", 7), CreatedAt: 1_700_000_000, Kind: 1, Content: name,
		Tags: nostr.Tags{{"t", "<&>\u2028\"\\\n\x01🦤"}, {"e", ""}, {}},
		Sig:  fmt.Sprintf("%0128x", 9),
	}
	e.ID = e.GetID()
	return e
}

// entry claims key and owes a note with that text to each relay.
func entry(key string, relays ...string) engine.Entry {
	e := engine.Entry{
		Rule: "rule", Key: key,
		Decision: engine.Decision{At: time.Now(), Rule: "rule", Key: key, Outcome: engine.Fired},
	}
	for _, relay := range relays {
		e.Deliveries = append(e.Deliveries, engine.Delivery{
			Rule: "rule", Event: note(key), Relay: relay, Quorum: 1, Committed: time.Now(),
			Retry: engine.Retry{Initial: time.Second, Max: time.Minute, MaxElapsed: time.Hour},
		})
	}
	return e
}

// pass lets time pass in the bubble.
func pass(d time.Duration) { <-time.After(d) }
