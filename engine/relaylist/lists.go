package relaylist

import (
	"context"
	"net/netip"
	"time"

	"github.com/nbd-wtf/go-nostr"

	"rhea/engine"
	"rhea/engine/lookup"
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

// Lists finds where people publish and read. Its methods are safe for concurrent use.
type Lists struct {
	opts   Options
	known  map[string]bool
	people *lookup.Newest[list]
}

var _ engine.RelayLists = (*Lists)(nil)

const (
	// foundFor and missingFor are how long a list, or that there is none, is remembered.
	foundFor   = 6 * time.Hour
	missingFor = 10 * time.Minute
	// deadline is how long an event waits for lists, and resolving how long the names of one list are looked up.
	deadline  = 3 * time.Second
	resolving = 15 * time.Second
	// patience is how long other relays may take when one has no list: the event has somewhere to go without it.
	patience = time.Second
)

// New returns lists without an entry.
func New(o Options) *Lists {
	l := &Lists{opts: o, known: make(map[string]bool, len(o.Known))}
	for _, relay := range o.Known {
		l.known[relay] = true
	}
	l.people = lookup.New(lookup.Options[list]{
		Source: o.Source, Relays: o.Ask, Read: l.read,
		Keep: foundFor, KeepNone: missingFor, Patience: patience,
		Filter: func(people []string) nostr.Filter {
			return nostr.Filter{Kinds: []int{nostr.KindRelayListMetadata}, Authors: people}
		},
		Key: func(e *nostr.Event) string { return e.PubKey },
	})
	return l
}

// read returns the relays of a list that the bot may connect to.
func (l *Lists) read(ctx context.Context, e *nostr.Event) (list, bool) {
	ctx, cancel := context.WithTimeout(ctx, resolving)
	defer cancel()
	found := parse(*e, l.usable)
	found.write, found.read = l.resolved(ctx, found.write), l.resolved(ctx, found.read)
	return found, true
}

// find returns the lists of people as far as they are known soon.
func (l *Lists) find(ctx context.Context, people []string) map[string]list {
	l.people.Expect(ctx, people...)
	until := time.Now().Add(deadline)
	found := make(map[string]list, len(people))
	for _, pubkey := range people {
		// What comes too late for this event is there for the next one.
		found[pubkey], _, _ = l.people.Find(ctx, pubkey, time.Until(until))
	}
	return found
}
