package sign

import (
	"context"
	"fmt"
	"maps"
	"sync"
	"time"

	"github.com/nbd-wtf/go-nostr"

	"rhea/engine"
)

// maxVersions is how many addresses are remembered before those that were dated long ago are forgotten.
const maxVersions = 10_000

// Versions dates the versions of an address, each later than the one before: of two of one second relays may keep
// either. The ledger knows what was committed, Versions what is about to be.
type Versions struct {
	mu   sync.Mutex
	last map[string]nostr.Timestamp
}

// Date makes an event that is not signed yet newer than the version before it.
func (v *Versions) Date(ctx context.Context, ledger engine.Ledger, e *nostr.Event) error {
	address := engine.Address(e)
	if address == "" {
		return nil
	}
	stored, err := ledger.Latest(ctx, address, "")
	if err != nil {
		return fmt.Errorf("looking up the version before: %w", err)
	}
	v.mu.Lock()
	defer v.mu.Unlock()
	before := v.last[address]
	if stored != nil {
		before = max(before, stored.CreatedAt)
	}
	e.CreatedAt = max(e.CreatedAt, before+1)
	if len(v.last) >= maxVersions {
		old := nostr.Timestamp(time.Now().Add(-time.Hour).Unix())
		maps.DeleteFunc(v.last, func(_ string, at nostr.Timestamp) bool { return at < old })
	}
	if v.last == nil {
		v.last = make(map[string]nostr.Timestamp)
	}
	v.last[address] = e.CreatedAt
	return nil
}
