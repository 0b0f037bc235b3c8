package config_test

import (
	"slices"
	"testing"

	"rhea/engine/config"
)

// TestListens asks where a rule listens: where its trigger says, else where it publishes, however that is said.
func TestListens(t *testing.T) {
	t.Parallel()
	f, err := config.Parse("bot.yaml", []byte(complete(`relays: { default: [wss://all.example], set: [wss://set.example] }
defaults: { relays: [wss://defaults.example] }
rules:
  - { name: trigger, relays: set, trigger: { mention: { relays: [wss://own.example] } }, actions: [{ reply: { content: hi } }] }
  - { name: rule, relays: set, trigger: { mention: {} }, actions: [{ reply: { content: hi } }] }
  - { name: outbox, relays: outbox, trigger: { mention: {} }, actions: [{ reply: { content: hi } }] }
  - { name: none, trigger: { mention: {} }, actions: [{ reply: { content: hi } }] }
`)), options())
	if err != nil {
		t.Fatal(err)
	}
	for i, want := range []string{"wss://own.example", "wss://set.example", "wss://defaults.example", "wss://defaults.example"} {
		if got := f.Rules[i].Triggers[0].Relays; !slices.Equal(got, []string{want}) {
			t.Errorf("the rule %s listens to %q, want %s", f.Rules[i].Name, got, want)
		}
	}
}
