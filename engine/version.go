package engine

import (
	"context"
	"fmt"
	"maps"
	"strconv"
	"sync"
	"time"

	"github.com/nbd-wtf/go-nostr"
)

// Address returns kind:pubkey:d of an event of which relays keep the newest version only (NIP-01), "" of any other.
func Address(e *nostr.Event) string {
	switch {
	case nostr.IsReplaceableKind(e.Kind):
		return fmt.Sprintf("%d:%s:", e.Kind, e.PubKey)
	case nostr.IsAddressableKind(e.Kind):
		return fmt.Sprintf("%d:%s:%s", e.Kind, e.PubKey, e.Tags.GetD())
	}
	return ""
}

// Newer reports whether relays keep a rather than b, both versions of one address (NIP-01).
func Newer(a, b *nostr.Event) bool {
	return a.CreatedAt > b.CreatedAt || a.CreatedAt == b.CreatedAt && a.ID < b.ID
}

// maxVersions is how many addresses are remembered before those that were dated long ago are forgotten.
const maxVersions = 10_000

// versions dates the versions of an address, each later than the one before: of two of one second relays may keep
// either. The ledger knows what was committed, versions what is about to be.
type versions struct {
	mu   sync.Mutex
	last map[string]nostr.Timestamp
}

// date makes an event that is not signed yet newer than the version before it.
func (v *versions) date(ctx context.Context, ledger Ledger, e *nostr.Event) error {
	address := Address(e)
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

// expiration is when an event ends to be of use (NIP-40); zero when it does not say.
func expiration(e *nostr.Event) time.Time {
	tag := e.Tags.Find("expiration")
	if len(tag) < 2 {
		return time.Time{}
	}
	at, err := strconv.ParseInt(tag[1], 10, 64)
	if err != nil || at <= 0 {
		return time.Time{}
	}
	return time.Unix(at, 0)
}

// expired reports whether an event is of no use any more.
func expired(e *nostr.Event, now time.Time) bool {
	at := expiration(e)
	return !at.IsZero() && !now.Before(at)
}
