package bot

import (
	"context"
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/nbd-wtf/go-nostr"

	"rhea/engine"
)

const (
	// How long a list counts, and how soon it is asked for again where there was none: relays get it late.
	listKeep, listKeepNone = time.Hour, 10 * time.Minute
	// listTend is how often it is looked whether a list has grown old, and listDeadline how long the first answer of an
	// identity waits for its list.
	listTend, listDeadline = time.Minute, 3 * time.Second
)

// ownLists knows what the identities have listed in public, with whatever program: whom they mute, whom they follow.
type ownLists[V any] struct {
	lists *Lookup[V]

	mu sync.Mutex
	// tended are the identities whose lists are kept fresh; true once an answer has waited for one.
	tended map[string]bool
}

// newOwnLists returns the lists of one kind, which ask the relays. Without a source they stay empty.
func newOwnLists[V any](source engine.Source, relays []string, kind int, read func(*nostr.Event) V) *ownLists[V] {
	m := &ownLists[V]{tended: make(map[string]bool)}
	if source == nil {
		return m
	}
	m.lists = NewLookup(LookupOptions[V]{
		Source: source, Relays: slices.Compact(slices.Sorted(slices.Values(relays))),
		Filter: func(authors []string) nostr.Filter {
			return nostr.Filter{Kinds: []int{kind}, Authors: authors}
		},
		Key:  func(e *nostr.Event) string { return e.PubKey },
		Read: func(_ context.Context, e *nostr.Event) (V, bool) { return read(e), true },
		Keep: listKeep, KeepNone: listKeepNone,
	})
	return m
}

// tend keeps the lists fresh until ctx ends, beginning with those of some identities.
func (m *ownLists[V]) tend(ctx context.Context, pubkeys []string) {
	if m.lists == nil {
		return
	}
	m.mu.Lock()
	for _, pubkey := range pubkeys {
		m.tended[pubkey] = false
	}
	m.mu.Unlock()
	for {
		m.mu.Lock()
		identities := slices.Collect(maps.Keys(m.tended))
		m.mu.Unlock()
		m.lists.Expect(ctx, identities...)
		select {
		case <-ctx.Done():
			return
		case <-time.After(listTend):
		}
	}
}

// of returns the list of an identity as far as it is known. Only the first answer waits for it, and not for long.
func (m *ownLists[V]) of(ctx context.Context, pubkey string) V {
	if m.lists == nil {
		var none V
		return none
	}
	m.mu.Lock()
	waited := m.tended[pubkey]
	m.mu.Unlock()
	wait := listDeadline
	if waited {
		wait = 0
	}
	list, _, _ := m.lists.Find(ctx, pubkey, wait) // What nobody knows is empty.
	if !waited {
		m.mu.Lock()
		m.tended[pubkey] = true
		m.mu.Unlock()
	}
	return list
}

// peek returns the list of an identity as far as it is known, and waits for nothing.
func (m *ownLists[V]) peek(pubkey string) (list V) {
	if m.lists != nil {
		list, _ = m.lists.Known(pubkey)
	}
	return list
}
