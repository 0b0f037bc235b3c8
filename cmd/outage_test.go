package cmd_test

import (
	"context"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/nbd-wtf/go-nostr"

	"rhea/engine"
	"rhea/engine/bot"
	"rhea/engine/config"
	"rhea/engine/identity"
	"rhea/engine/key"
	"rhea/engine/ledger/memory"
	"rhea/engine/relay"
	"rhea/engine/relay/local"
	"rhea/engine/relay/relaytest"
	"rhea/engine/relaylist"
)

// assembled is a bot of all real rooms, in virtual time, on relays that the test can stop and start.
type assembled struct {
	pubkey string
	ledger *memory.Ledger
	stop   func()
}

func assemble(t *testing.T, net *relaytest.Network, ledger *memory.Ledger, yaml string) *assembled {
	t.Helper()
	return assembleAs(t, botSecret, net, ledger, yaml)
}

func assembleAs(t *testing.T, secret string, net *relaytest.Network, ledger *memory.Ledger, yaml string) *assembled {
	t.Helper()
	file, err := config.Parse("bot.yaml", []byte(yaml), config.Options{Kinds: kinds()})
	if err != nil {
		t.Fatal(err)
	}
	signer, err := key.NewSigner(engine.NewSecret(secret))
	if err != nil {
		t.Fatal(err)
	}
	network := relay.New(relay.Options{
		Positions: ledger, DialContext: net.DialContext, Signer: func(string) engine.Signer { return signer },
	})
	bot, err := bot.New(bot.Options{
		Rules: file.Rules, Identities: identity.New(identity.Options{Configured: map[string]engine.Identity{
			"main": {Name: "main", Signer: signer, FloodStop: file.Identities[0].FloodStop},
		}}),
		Ledger: ledger, Journal: ledger, Source: network, Publisher: network,
		RelayLists: relaylist.New(relaylist.Options{
			Source: network, Ask: file.RelaySets["default"], Known: file.RelaySets["default"], Normalize: relay.Normalize,
		}),
	})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- bot.Run(ctx) }()
	return &assembled{pubkey: signer.PublicKey(), ledger: ledger, stop: func() {
		cancel()
		if err := <-ended; err != nil {
			t.Errorf("Run = %v", err)
		}
		if err := network.Close(); err != nil {
			t.Error(err)
		}
	}}
}

// answersOn counts the bot's replies on a relay by the event they answer.
func answersOn(r *relaytest.Relay, bot string) map[string]int {
	by := make(map[string]int)
	for _, e := range r.Local.Query(nostr.Filter{Authors: []string{bot}}) {
		if tag := e.Tags.Find("e"); tag != nil {
			by[tag[1]]++
		}
	}
	return by
}

const outageYAML = `version: 1
identities: { main: { key: { env: BOT_NSEC } } }
relays: [%s, %s]
rules:
  - name: greet
    trigger: { mention: {} }
    actions: [ { reply: { content: "Hi!" } } ]
`

// TestOutage takes relays away at the start, in the middle and both at once: nothing is missed, nothing doubled, and
// the relay that stays is not affected.
func TestOutage(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		net := relaytest.NewNetwork()
		one, two := net.New(t, "one.test", local.Options{}), net.New(t, "two.test", local.Options{})
		n := 0
		ask := func(relays ...*relaytest.Relay) string {
			n++
			pubkey, err := nostr.GetPublicKey(botSecret)
			if err != nil {
				t.Fatal(err)
			}
			e := mention(t, n, pubkey)
			for _, r := range relays {
				r.Publish(e)
			}
			return e.ID
		}
		pass := func(d time.Duration) {
			<-time.After(d)
			synctest.Wait()
		}

		two.Stop()
		bot := assemble(t, net, memory.New(), fmt.Sprintf(outageYAML, one.URL(), two.URL()))
		pass(5 * time.Second)
		atStart := ask(one)
		onlyTwo := ask(two) // Only the relay that is down has it.
		pass(time.Second)   // Look-ups do not wait for a relay that is down.
		if got := answersOn(one, bot.pubkey); got[atStart] != 1 || got[onlyTwo] != 0 {
			t.Errorf("with one relay down at start the other has the answers %v", got)
		}
		pass(10 * time.Minute)
		two.Start()
		pass(6 * time.Minute)

		one.Stop()
		inTheMiddle := ask(two)
		missedByOne := ask(one)
		pass(10 * time.Minute)
		if got := answersOn(two, bot.pubkey); got[inTheMiddle] != 1 {
			t.Errorf("with one relay gone in the middle the other has the answers %v", got)
		}
		one.Start()
		pass(10 * time.Minute)

		whileBothUp := ask(one, two)
		pass(time.Second)
		queued := ask(one, two)
		one.Stop()
		two.Stop()
		pass(10 * time.Minute)
		two.Start()
		pass(6 * time.Minute)
		if got := answersOn(two, bot.pubkey); got[queued] != 1 {
			t.Errorf("after both relays were down the one that returned has the answers %v", got)
		}
		one.Start()
		pass(10 * time.Minute)
		bot.stop()

		for name, r := range map[string]*relaytest.Relay{"one": one, "two": two} {
			got := answersOn(r, bot.pubkey)
			for i, id := range []string{atStart, onlyTwo, inTheMiddle, missedByOne, whileBothUp, queued} {
				if got[id] != 1 {
					t.Errorf("relay %s has %d answers to mention %d, want 1", name, got[id], i+1)
				}
			}
		}
	})
}
