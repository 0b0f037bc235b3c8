package relay

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/nbd-wtf/go-nostr"
)

// BenchmarkEventFrame writes the message that publishes an event.
func BenchmarkEventFrame(b *testing.B) {
	e := nostr.Event{
		ID: strings.Repeat("a", 64), PubKey: strings.Repeat("b", 64), CreatedAt: 1767000000, Kind: 1, Sig: strings.Repeat("c", 128),
		Tags:    nostr.Tags{{"e", strings.Repeat("d", 64), "wss://relay.example", "root"}, {"p", strings.Repeat("e", 64)}},
		Content: "Hi! hello bot, this is a \"message\"",
	}
	b.Run("by hand", func(b *testing.B) {
		for b.Loop() {
			if _, err := eventFrame("EVENT", e); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("baseline encoding_json", func(b *testing.B) {
		for b.Loop() {
			if _, err := json.Marshal([]any{"EVENT", e}); err != nil {
				b.Fatal(err)
			}
		}
	})
}
