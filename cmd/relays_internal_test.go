package cmd

import (
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/nbd-wtf/go-nostr"

	"rhea/engine"
	"rhea/engine/ledger/sqlite"
)

// TestMeant names relays by what is shown of them.
func TestMeant(t *testing.T) {
	t.Parallel()
	l, err := sqlite.Open(filepath.Join(t.TempDir(), "rhea.db"), sqlite.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	entry := engine.Entry{Rule: "r", Key: "k", Decision: engine.Decision{At: time.Now(), Rule: "r", Key: "k", Outcome: engine.Fired}}
	for _, relay := range []string{"wss://one.example?t=1", "wss://two.example?t=1", "wss://two.example?t=2"} {
		entry.Deliveries = append(entry.Deliveries, engine.Delivery{Rule: "r", Event: nostr.Event{ID: "e"}, Relay: relay, Quorum: 1, Committed: time.Now()})
	}
	if _, err := l.Commit(t.Context(), entry); err != nil {
		t.Fatal(err)
	}
	for shown, want := range map[string]string{
		"wss://one.example?t=…":   "wss://one.example?t=1",
		"wss://one.example?t=1":   "wss://one.example?t=1",
		"wss://other.example?t=…": "wss://other.example?t=…",
		"wss://two.example?t=…":   "several relays",
	} {
		got, err := shownRelay(t.Context(), l.Reader, shown)
		if err != nil {
			got = err.Error()
		}
		if got != want && !(err != nil && strings.Contains(got, want)) {
			t.Errorf("%s means %s, want %s", shown, got, want)
		}
	}
}
