package enginetest

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"testing"

	"github.com/nbd-wtf/go-nostr"
)

// AliceKey, BobKey and BotKey are secret keys that everybody may know.
const (
	AliceKey = "0000000000000000000000000000000000000000000000000000000000000001"
	BobKey   = "0000000000000000000000000000000000000000000000000000000000000002"
	BotKey   = "0000000000000000000000000000000000000000000000000000000000000003"
)

// Sign finishes an event, with now as its date unless it has one.
func Sign(tb testing.TB, key string, e nostr.Event) nostr.Event {
	tb.Helper()
	if e.CreatedAt == 0 {
		e.CreatedAt = nostr.Now()
	}
	if err := e.Sign(key); err != nil {
		tb.Fatal(err)
	}
	return e
}

// Note is a note of Alice.
func Note(tb testing.TB, text string) nostr.Event {
	tb.Helper()
	return Sign(tb, AliceKey, nostr.Event{Kind: nostr.KindTextNote, Content: text})
}

// Signer signs with a secret key in hex. It is no secret: use it for keys that everybody may know.
type Signer string

// PublicKey implements [engine.Signer].
func (s Signer) PublicKey() string {
	pk, err := nostr.GetPublicKey(string(s))
	if err != nil {
		panic(err)
	}
	return pk
}

// Fingerprint implements [engine.Fingerprinted].
func (s Signer) Fingerprint() [32]byte {
	data, err := hex.DecodeString(string(s))
	if err != nil {
		panic(err)
	}
	return sha256.Sum256(data)
}

// Sign implements [engine.Signer].
func (s Signer) Sign(_ context.Context, e *nostr.Event) error { return e.Sign(string(s)) }
