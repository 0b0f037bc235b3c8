package events

import (
	"context"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/nbd-wtf/go-nostr"

	"rhea/engine"
	"rhea/engine/lookup"
	"rhea/engine/thread"
)

// How long what others answer is remembered, and that it is nowhere.
const parentKeep, parentKeepNone = time.Hour, 10 * time.Minute

// maxAddress is the longest address that is looked up, in bytes: it is remembered, whether anything is there or not.
const maxAddress = 1 << 10

// parents looks up the events that other events answer, and remembers them for a while.
type parents struct {
	setup *engine.Setup
	// The look-ups are made for the first question.
	once            sync.Once
	byID, byAddress *lookup.Newest[*nostr.Event]
}

func newParents(s *engine.Setup) *parents { return &parents{setup: s} }

func (p *parents) begin() {
	s, read := p.setup, func(_ context.Context, e *nostr.Event) (*nostr.Event, bool) { return e, engine.Oversize(e) == "" }
	p.byID = lookup.New(lookup.Options[*nostr.Event]{
		Source: s.Source, Relays: s.Relays, Read: read, Keep: parentKeep, KeepNone: parentKeepNone, Fixed: true,
		Filter: func(ids []string) nostr.Filter { return nostr.Filter{IDs: ids} },
		Key:    func(e *nostr.Event) string { return e.ID },
	})
	p.byAddress = lookup.New(lookup.Options[*nostr.Event]{
		Source: s.Source, Relays: s.Relays, Read: read, Keep: parentKeep, KeepNone: parentKeepNone,
		Filter: func(addresses []string) nostr.Filter { f, _ := addressFilter(addresses[0]); return f },
		Key:    addressOf, Most: 1, // One filter cannot name several addresses without naming others too.
	})
}

// find returns the event that p points to, nil when neither the state nor a relay has it. It fails when no relay
// answered in time.
// The relay hint is not followed: it is a stranger's address.
func (p *parents) find(ctx context.Context, at thread.Pointer) (*nostr.Event, error) {
	if at.ID != "" && p.setup.Wrote != nil {
		if e, err := p.setup.Wrote(ctx, at.ID); err != nil || e != nil {
			return e, err
		}
	}
	p.once.Do(p.begin)
	lookup, key := p.byID, at.ID
	if key == "" {
		lookup, key = p.byAddress, at.Address
		if _, ok := addressFilter(key); !ok {
			return nil, nil
		}
	}
	e, _, err := lookup.Find(ctx, key, lookupDeadline)
	return e, err
}

// addressFilter returns what asks for the event at an address, kind:pubkey:d.
func addressFilter(address string) (nostr.Filter, bool) {
	parts := strings.SplitN(address, ":", 3)
	if len(parts) != 3 || len(address) > maxAddress {
		return nostr.Filter{}, false
	}
	kind, err := strconv.Atoi(parts[0])
	if err != nil || !nostr.IsValidPublicKey(parts[1]) {
		return nostr.Filter{}, false
	}
	f := nostr.Filter{Kinds: []int{kind}, Authors: []string{parts[1]}}
	if parts[2] != "" {
		f.Tags = nostr.TagMap{"d": []string{parts[2]}}
	}
	return f, true
}

// addressOf returns the address of an event.
func addressOf(e *nostr.Event) string {
	return strconv.Itoa(e.Kind) + ":" + e.PubKey + ":" + e.Tags.GetD()
}

// parentAuthor returns who wrote what e answers as far as e itself tells; "" when it does not.
func parentAuthor(at thread.Pointer) string {
	if at.Author != "" {
		return at.Author
	}
	if parts := strings.SplitN(at.Address, ":", 3); len(parts) == 3 {
		return parts[1]
	}
	return ""
}

// turnedDownAnyway reports whether the engine will turn the event down anyway, so that looking up its parent is not
// worth a question to the relays. The engine records why.
func turnedDownAnyway(s *engine.Setup, r engine.Received) bool {
	tooOld := s.MaxAge > 0 && s.Now().Sub(r.Event.CreatedAt.Time()) > s.MaxAge
	tooOld = tooOld && (s.Heard == nil || !s.Heard(r.Event))
	return r.Backlog || tooOld || r.Verify != nil && r.Verify() != nil
}
