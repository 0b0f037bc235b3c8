package triggers

import (
	"context"
	"time"

	"github.com/nbd-wtf/go-nostr"

	"rhea/engine"
)

const (
	lookupDeadline = 3 * time.Second
	lookupKeep     = time.Hour
	lookupKeepNone = 10 * time.Minute
	lookupRetry    = time.Minute
	lookupLimit    = 4096
)

// profiles fetches what authors say of themselves, and remembers it for a while: also that there is nothing.
type profiles struct {
	source engine.Source
	relays []string
	known  *cache[Author]
}

func newProfiles(s engine.Setup) *profiles {
	return &profiles{source: s.Source, relays: s.Relays, known: newCache[Author](lookupLimit)}
}

// wantsProfile reports whether a rule names anything of the author that only a profile can tell.
func wantsProfile(s engine.Setup) bool {
	if s.Uses == nil {
		return false
	}
	for _, field := range []string{"name", "display_name", "nip05", "about", "picture", "lud16", "bot"} {
		if s.Uses("author." + field) {
			return true
		}
	}
	return s.Uses("author")
}

// fill completes a with the newest profile. It waits a few seconds at most; what it cannot get stays absent.
func (p *profiles) fill(ctx context.Context, a *Author) {
	if known, ok := p.known.get(a.Pubkey); ok {
		*a = known
		return
	}
	ctx, cancel := context.WithTimeout(ctx, lookupDeadline)
	defer cancel()
	found, err := p.source.Fetch(ctx, p.relays, nostr.Filter{
		Kinds: []int{nostr.KindProfileMetadata}, Authors: []string{a.Pubkey}, Limit: 1,
	})
	keep := lookupKeep
	switch {
	case len(found) > 0:
		a.read(found[0].Content)
	case err != nil || ctx.Err() != nil:
		keep = lookupRetry
	default:
		keep = lookupKeepNone
	}
	p.known.put(a.Pubkey, *a, keep)
}
