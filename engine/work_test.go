package engine_test

import (
	"strings"
	"testing"

	"github.com/nbd-wtf/go-nostr"

	"rhea/engine"
)

// TestWork asks that luck is no work: the target counts, and the id must reach it.
func TestWork(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		id   string
		tags nostr.Tags
		want int
	}{
		{"0000f", nostr.Tags{{"nonce", "7", "16"}}, 16},
		{"00000", nostr.Tags{{"nonce", "7", "8"}}, 8},
		{"000f0", nostr.Tags{{"nonce", "7", "16"}}, 0},
		{"00000", nil, 0},
		{"00000", nostr.Tags{{"nonce", "7"}}, 0},
		{"00000", nostr.Tags{{"nonce", "7", "many"}}, 0},
		{"nonsense", nostr.Tags{{"nonce", "7", "16"}}, 0},
	} {
		e := &nostr.Event{ID: tc.id + strings.Repeat("1", 64-len(tc.id)), Tags: tc.tags}
		if got := engine.Work(e); got != tc.want {
			t.Errorf("%s %v: %d bits, want %d", tc.id, tc.tags, got, tc.want)
		}
	}
}
