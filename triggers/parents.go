package triggers

import (
	"context"
	"strconv"
	"strings"

	"github.com/nbd-wtf/go-nostr"

	"rhea/engine"
	"rhea/engine/thread"
)

// parentLimit bounds the remembered events; many answers hang below few parents.
const parentLimit = 512

// parents looks up the events that other events answer, and remembers them for a while.
type parents struct {
	source engine.Source
	relays []string
	known  *cache[*nostr.Event]
}

func newParents(s engine.Setup) *parents {
	return &parents{source: s.Source, relays: s.Relays, known: newCache[*nostr.Event](parentLimit)}
}

// find returns the event that p points to, nil when no relay has it. It fails when no relay answered in time.
// The relay hint is not followed: it is a stranger's address.
func (p *parents) find(ctx context.Context, at thread.Pointer) (*nostr.Event, error) {
	filter, ok := filterFor(at)
	if !ok {
		return nil, nil
	}
	key := at.ID + at.Address
	if e, ok := p.known.get(key); ok {
		return e, nil
	}
	ctx, cancel := context.WithTimeout(ctx, lookupDeadline)
	defer cancel()
	found, err := p.source.Fetch(ctx, p.relays, filter)
	if len(found) > 0 {
		p.known.put(key, &found[0], lookupKeep)
		return &found[0], nil
	}
	if err == nil && ctx.Err() == nil {
		p.known.put(key, nil, lookupKeepNone)
	}
	return nil, err
}

func filterFor(at thread.Pointer) (nostr.Filter, bool) {
	if at.ID != "" {
		return nostr.Filter{IDs: []string{at.ID}, Limit: 1}, true
	}
	parts := strings.SplitN(at.Address, ":", 3)
	if len(parts) != 3 {
		return nostr.Filter{}, false
	}
	kind, err := strconv.Atoi(parts[0])
	if err != nil || !nostr.IsValidPublicKey(parts[1]) {
		return nostr.Filter{}, false
	}
	f := nostr.Filter{Kinds: []int{kind}, Authors: []string{parts[1]}, Limit: 1}
	if parts[2] != "" {
		f.Tags = nostr.TagMap{"d": []string{parts[2]}}
	}
	return f, true
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
