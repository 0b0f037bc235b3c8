package cmd

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"rhea/actions"
	"rhea/engine"
	"rhea/engine/config"
	"rhea/triggers"
)

// TestProfileWorksForRelays has the work that may be done for a relay reach the rule that publishes the profile.
func TestProfileWorksForRelays(t *testing.T) {
	t.Parallel()
	usual := engine.DefaultPoWBudget()
	for defaults, want := range map[string]engine.PoWBudget{
		"":                                       usual,
		"defaults: { pow_budget: { bits: 12 } }": {Bits: 12, Time: usual.Time},
		"defaults: { pow_budget: { bits: 0 } }":  {Bits: 0, Time: usual.Time},
		"defaults: { pow_budget: { time: 7s } }": {Bits: usual.Bits, Time: 7 * time.Second},
		"defaults: { max_age: 1h }":              usual,
	} {
		t.Run(defaults, func(t *testing.T) {
			t.Parallel()
			path := filepath.Join(t.TempDir(), "bot.yaml")
			text := `version: 1
` + defaults + `
identities: { main: { key: { env: BOT_NSEC }, profile: { name: bot } } }
relays: ["wss://one.example"]
rules:
  - name: answer
    trigger: { mention: {} }
    actions: [ { reply: { content: "hi" } } ]
`
			if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
			file, err := config.Load([]string{path}, config.Options{Kinds: engine.Kinds{Triggers: triggers.Kinds(), Actions: actions.Kinds()}})
			if err != nil {
				t.Fatal(err)
			}
			rules := profileRules(file)
			if len(rules) != 1 || rules[0].PoW != want {
				t.Errorf("%d rules, %+v, want %+v", len(rules), rules[0].PoW, want)
			}
		})
	}
}
