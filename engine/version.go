package engine

import (
	"fmt"
	"strconv"
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

// Expiration is when an event ends to be of use (NIP-40); zero when it does not say.
func Expiration(e *nostr.Event) time.Time {
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

// Expired reports whether an event is of no use any more.
func Expired(e *nostr.Event, now time.Time) bool {
	at := Expiration(e)
	return !at.IsZero() && !now.Before(at)
}

// IsRegular reports whether relays keep every event of a kind, not only the newest or none (NIP-01).
func IsRegular(kind int) bool {
	return !nostr.IsReplaceableKind(kind) && !nostr.IsAddressableKind(kind) && !nostr.IsEphemeralKind(kind)
}
