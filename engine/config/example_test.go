package config_test

import (
	"errors"
	"fmt"

	"rhea/actions"
	"rhea/engine"
	"rhea/engine/config"
	"rhea/triggers"
)

// A configuration with the kinds of this program; kinds of your own are appended to them.
func ExampleParse() {
	kinds := engine.Kinds{Triggers: triggers.Kinds(), Actions: actions.Kinds()}
	file, err := config.Parse("bot.yaml", []byte(`
version: 1
identities: { main: { key: { env: BOT_NSEC } } }
relays: [wss://relay.example]
rules:
  - name: hourly
    trigger: { schedule: { every: 1h } }
    actions: [{ publish: { content: "It is ${{ now }}" } }]
`), config.Options{Kinds: kinds})
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, rule := range file.Rules {
		fmt.Println(rule.Place, rule.Name, "as", rule.Identity, "to", rule.Relays)
	}
	// Output: bot.yaml:6 hourly as main to [wss://relay.example]
}

// What is wrong comes all at once, each with its place and what to do.
func ExampleProblems() {
	kinds := engine.Kinds{Triggers: triggers.Kinds(), Actions: actions.Kinds()}
	_, err := config.Parse("bot.yaml", []byte(`
version: 1
identities: { main: { key: { env: BOT_NSEC } } }
relays: [wss://relay.example]
rules:
  - name: hourly
    trigger: { schedule: { evry: 1h } }
    actions: [{ publish: { contents: "hello" } }]
`), config.Options{Kinds: kinds})
	if problems, ok := errors.AsType[config.Problems](err); ok {
		for _, p := range problems {
			fmt.Printf("%s:%d:%d: %s. %s\n", p.File, p.Line, p.Column, p.Message, p.Hint)
		}
	}
	// Output:
	// bot.yaml:7:28: unknown key evry. did you mean every?
	// bot.yaml:8:28: unknown key contents. did you mean content?
}
