package cmd_test

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"rhea/engine"
	"rhea/engine/ledger/sqlite"
)

// TestRerunUnverified asks for what is not kept: of an event that ended in condition_error it says why, and what to do.
func TestRerunUnverified(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	writeConfig(t, dir, `version: 1
identities: { main: { key: { env: BOT_NSEC } } }
relays: [wss://relay.example]
rules:
  - name: greet
    trigger: { mention: {} }
    actions: [ { reply: { content: "hi" } } ]
`)
	state, err := sqlite.Open(filepath.Join(dir, "rhea.db"), sqlite.Options{})
	if err != nil {
		t.Fatal(err)
	}
	id := strings.Repeat("9ae37aa6", 8)
	for key, d := range map[string]engine.Decision{
		id: {Outcome: engine.ConditionError, Relay: "wss://relay.example"}, "item": {Outcome: engine.ConditionError},
		strings.Repeat("77", 32): {Outcome: engine.Fired, Relay: "wss://relay.example"},
	} {
		d.At, d.Rule, d.Trigger, d.Key = time.Now(), "greet", "mention", key
		if err := state.Record(t.Context(), d); err != nil {
			t.Fatal(err)
		}
	}
	if err := state.Close(); err != nil {
		t.Fatal(err)
	}
	unverified := fmt.Sprintf("the event %s ended in condition_error and is not kept: its signature had not been checked. "+
		"It is answered when its author writes again; `rhea explain --event %[1]s` shows why it failed", id)
	for key, want := range map[string]string{
		id: unverified, "9ae37": unverified, "77777777": "nothing that failed is kept under 77777777", "item": "nothing that failed is kept under item",
		"abcd": "nothing that failed is kept under abcd",
	} {
		code, _, log := invoke(t, map[string]string{"BOT_NSEC": botSecret}, "rerun", "greet", key, "-c", filepath.Join(dir, "bot.yaml"))
		if code != 2 || !strings.Contains(log, want) {
			t.Errorf("%s: exit code %d, %q, want %q", key, code, log, want)
		}
	}
}
