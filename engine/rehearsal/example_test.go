package rehearsal_test

import (
	"context"
	"fmt"

	"rhea/actions"
	"rhea/engine"
	"rhea/engine/config"
	"rhea/engine/rehearsal"
	"rhea/triggers"
)

// The tests of a configuration, as `rhea test` runs them: no network, no keys, no waiting.
func ExampleRun() {
	file, err := config.Parse("bot.yaml", []byte(`
version: 1
identities: { main: { key: { env: BOT_NSEC } } }
relays: [wss://relay.example]
rules:
  - name: greet
    trigger: { mention: {} }
    if: event.content contains "hello"
    actions: [{ reply: { content: "Hello!" } }]
tests:
  - rule: greet
    name: answers a greeting
    event: { content: hello bot }
    expect: { published: [{ kind: 1, content: "Hello!" }] }
  - rule: greet
    name: answers everything
    event: { content: good night }
    expect: { outcome: fired }
`), config.Options{Kinds: engine.Kinds{Triggers: triggers.Kinds(), Actions: actions.Kinds()}})
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, test := range file.Tests {
		report := rehearsal.Run(context.Background(), file, test, rehearsal.RunOptions{})
		fmt.Println(test.Name+", failed:", report.Failed())
		for _, failure := range report.Steps[0].Failures {
			fmt.Printf("%s is %s\n", failure.What, failure.Got)
		}
	}
	// Output:
	// answers a greeting, failed: false
	// answers everything, failed: true
	// outcome is condition_false: event.content contains "hello"
}
