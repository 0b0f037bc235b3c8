package sign

import (
	"context"
	"encoding/hex"
	"errors"
	"testing"

	"github.com/nbd-wtf/go-nostr"

	"rhea/engine"
)

func TestMine(t *testing.T) {
	t.Parallel()
	for _, content := range []string{"", "hello", `tricky ["nonce","0000000000000000","8"]],""]`} {
		e := nostr.Event{
			PubKey: "79be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798", CreatedAt: 1700000000, Kind: 1,
			Tags: nostr.Tags{{"nonce", "0000000000000000", "8"}, {"t", "x"}}, Content: content,
		}
		if err := mine(t.Context(), &e, 8); err != nil {
			t.Fatal(err)
		}
		id, err := hex.DecodeString(e.GetID())
		if err != nil {
			t.Fatal(err)
		}
		if got := engine.LeadingZeros(id); got < 8 {
			t.Errorf("content %q: the id %x has %d leading zero bits, want 8", content, id, got)
		}
		if last := e.Tags[len(e.Tags)-1]; last[0] != "nonce" || last[2] != "8" {
			t.Errorf("content %q: the last tag is %v", content, last)
		}
	}
}

func TestMineStops(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := mine(ctx, &nostr.Event{}, 200); !errors.Is(err, context.Canceled) {
		t.Errorf("mine = %v, want it to stop with its context", err)
	}
	if err := mine(t.Context(), &nostr.Event{}, 300); err == nil {
		t.Error("300 bits were not refused")
	}
}

func BenchmarkMine(b *testing.B) {
	for b.Loop() {
		e := nostr.Event{Content: "a note of a usual length, with a link https://blog.example/a-post", Kind: 1}
		if err := mine(b.Context(), &e, 12); err != nil {
			b.Fatal(err)
		}
	}
}
