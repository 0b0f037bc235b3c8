package bot_test

import (
	"context"
	"fmt"
	"log"
	"time"

	"github.com/nbd-wtf/go-nostr"

	"rhea/actions"
	"rhea/engine"
	"rhea/engine/bot"
	"rhea/engine/config"
	"rhea/engine/identity"
	"rhea/engine/key"
	"rhea/engine/ledger/memory"
	"rhea/engine/relay"
	"rhea/engine/relay/local"
	"rhea/triggers"
)

// birthday is a trigger that has one signal. A real one waits for something until ctx ends.
type birthday struct{}

type birthdayData struct{ engine.Scope }

// Run implements [engine.Trigger].
func (birthday) Run(ctx context.Context, in engine.Intake) error {
	return in.Emit(ctx, engine.Signal{Key: "2026", Time: time.Now(), Data: new(birthdayData)})
}

// congratulate is an action that writes a note.
type congratulate struct{}

// Act implements [engine.Action].
func (congratulate) Act(context.Context, engine.Run) (engine.Result, error) {
	return engine.Result{Drafts: []engine.Draft{{Kind: nostr.KindTextNote, Content: "Happy birthday!"}}}, nil
}

// A bot in Go, with a rule that no configuration knows, on a relay in the same process.
func Example() {
	accepted := make(chan nostr.Event, 1)
	home := local.New(local.Options{Accepted: func(e nostr.Event) { accepted <- e }})
	defer func() { _ = home.Close() }()
	address, err := home.Listen()
	if err != nil {
		log.Fatal(err)
	}
	kind := engine.NewTriggerKind[struct{}, birthdayData]("birthday", struct{}{},
		func(struct{}, engine.Setup) (engine.Trigger, error) { return birthday{}, nil })
	rule := engine.Rule{
		Name: "birthday", Identity: "main", Relays: []string{address},
		Triggers: []engine.RuleTrigger{{Kind: kind, Config: struct{}{}}},
		Steps:    []engine.Step{{Kind: "congratulate", Action: congratulate{}}},
	}
	run(rule, func() { fmt.Println((<-accepted).Content) })
	// Output: Happy birthday!
}

// A bot in Go from a configuration.
func Example_configuration() {
	accepted := make(chan nostr.Event, 1)
	home := local.New(local.Options{Accepted: func(e nostr.Event) { accepted <- e }})
	defer func() { _ = home.Close() }()
	address, err := home.Listen()
	if err != nil {
		log.Fatal(err)
	}
	file, err := config.Parse("bot.yaml", []byte(`
version: 1
identities: { main: { key: { env: BOT_NSEC } } }
relays: [`+address+`]
rules:
  - name: tick
    trigger: { schedule: { every: 1s } }
    actions: [{ publish: { content: "tick" } }]
`), config.Options{Kinds: engine.Kinds{Triggers: triggers.Kinds(), Actions: actions.Kinds()}})
	if err != nil {
		log.Fatal(err)
	}
	run(file.Rules[0], func() { fmt.Println((<-accepted).Content) })
	// Output: tick
}

// run runs a bot with one rule and a state in memory until the function has returned.
func run(rule engine.Rule, until func()) {
	nsec, _ := key.Generate()
	signer, err := key.NewSigner(nsec)
	if err != nil {
		log.Fatal(err)
	}
	me, err := identity.Of("main", signer)
	if err != nil {
		log.Fatal(err)
	}
	book := identity.New(identity.Options{Configured: map[string]engine.Identity{"main": me}})
	state := memory.New()
	defer func() { _ = state.Close() }()
	network := relay.New(relay.Options{Positions: state})
	defer func() { _ = network.Close() }()
	b, err := bot.New(bot.Options{
		Rules: []engine.Rule{rule}, Identities: book, Ledger: state, Source: network, Publisher: network,
	})
	if err != nil {
		log.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error)
	go func() { ended <- b.Run(ctx) }()
	until()
	cancel()
	if err := <-ended; err != nil {
		log.Fatal(err)
	}
}
