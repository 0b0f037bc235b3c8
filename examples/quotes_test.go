package examples_test

import (
	"os"
	"strings"
	"testing"

	"github.com/nbd-wtf/go-nostr"
)

// TestQuoteBot stops the bot again and again: no quote comes twice before all were posted.
func TestQuoteBot(t *testing.T) {
	t.Parallel()
	b := recipe(t, "quote-bot", `cron: "0 9 * * *"`, everySecond, ", jitter: 10m", "", `"04-01"`, `""`)
	quotes, err := os.ReadFile("recipes/quote-bot/quotes.json")
	if err != nil {
		t.Fatal(err)
	}
	seen := make(map[string]bool)
	all := strings.Count(string(quotes), `"text"`)
	for len(seen) < all {
		s := b.run(t)
		for range min(4, all-len(seen)) {
			note := s.sees()
			if seen[note.Content] {
				t.Fatalf("%q came again after %d of %d", note.Content, len(seen), all)
			}
			seen[note.Content] = true
			hasTags(t, note, nostr.Tags{{"t", "quote"}})
		}
		s.stop()
	}
}
