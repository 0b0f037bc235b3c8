package lookup

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

// Lists knows what the identities have listed in public, with whatever program: whom they mute, whom they follow.
type Lists[V any] struct {
	lists *Newest[V]

	mu sync.Mutex
	// tended are the identities whose lists are kept fresh; true once an answer has waited for one.
	tended map[string]bool
}

// NewLists returns the lists of one kind, which ask the relays. Without a source they stay empty.
func NewLists[V any](source engine.Source, relays []string, kind int, read func(*nostr.Event) V) *Lists[V] {
	l := &Lists[V]{tended: make(map[string]bool)}
	if source == nil {
		return l
	}
	l.lists = New(Options[V]{
		Source: source, Relays: slices.Compact(slices.Sorted(slices.Values(relays))),
		Filter: func(authors []string) nostr.Filter {
			return nostr.Filter{Kinds: []int{kind}, Authors: authors}
		},
		Key:  func(e *nostr.Event) string { return e.PubKey },
		Read: func(_ context.Context, e *nostr.Event) (V, bool) { return read(e), true },
		Keep: listKeep, KeepNone: listKeepNone,
	})
	return l
}

// KeepFresh keeps the lists fresh until ctx ends, beginning with those of some identities.
func (l *Lists[V]) KeepFresh(ctx context.Context, pubkeys []string) {
	if l.lists == nil {
		return
	}
	l.mu.Lock()
	for _, pubkey := range pubkeys {
		l.tended[pubkey] = false
	}
	l.mu.Unlock()
	for {
		l.mu.Lock()
		identities := slices.Collect(maps.Keys(l.tended))
		l.mu.Unlock()
		l.lists.Expect(ctx, identities...)
		select {
		case <-ctx.Done():
			return
		case <-time.After(listTend):
		}
	}
}

// Of returns the list of an identity as far as it is known. Only the first answer waits for it, and not for long.
func (l *Lists[V]) Of(ctx context.Context, pubkey string) V {
	if l.lists == nil {
		var none V
		return none
	}
	l.mu.Lock()
	waited := l.tended[pubkey]
	l.mu.Unlock()
	wait := listDeadline
	if waited {
		wait = 0
	}
	list, _, _ := l.lists.Find(ctx, pubkey, wait) // What nobody knows is empty.
	if !waited {
		l.mu.Lock()
		l.tended[pubkey] = true
		l.mu.Unlock()
	}
	return list
}

// Known returns the list of an identity as far as it is known, and waits for nothing.
func (l *Lists[V]) Known(pubkey string) (list V) {
	if l.lists != nil {
		list, _ = l.lists.Known(pubkey)
	}
	return list
}
