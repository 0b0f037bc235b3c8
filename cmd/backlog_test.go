package cmd_test

import (
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/nbd-wtf/go-nostr"

	"rhea/engine/ledger/memory"
	"rhea/engine/relay/local"
	"rhea/engine/relay/relaytest"
)

const backlogYAML = `version: 1
identities: { main: { key: { env: BOT_NSEC }, flood_stop: 100000/1h } }
relays: [%s]
defaults: { max_age: 6h }
rules:
  - name: answer
    trigger: { mention: {} }
    flood_stop: 100000/1h
    actions: [ { reply: { content: "Hi!" } } ]
  - name: owner
    trigger: { nostr: { kinds: [1], authors: [%s] } }
    actions: [ { publish: { kind: 1, content: "The owner said something." } } ]
`

// TestEveryMissedMentionIsAnsweredOnce misses 700 mentions of as many people, of which a relay gives a part in one answer.
// Two rules want the oldest: that one rule has seen it says nothing about how far the other has read.
func TestEveryMissedMentionIsAnsweredOnce(t *testing.T) {
	t.Parallel()
	const missed = 700
	for name, limits := range map[string]local.Options{
		"500 for each filter":       {},
		"100, or 1000 when asked":   {MaxLimit: 1000, DefaultLimit: 100},
		"500 for the whole request": {MaxAnswer: 500},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				net := relaytest.NewNetwork()
				r := net.New(t, "one.test", limits)
				owner, err := nostr.GetPublicKey(visitorSecret)
				if err != nil {
					t.Fatal(err)
				}
				ledger := memory.New()
				yaml := fmt.Sprintf(backlogYAML, r.URL(), owner)
				bot := assemble(t, net, ledger, yaml)
				<-time.After(time.Minute)
				bot.stop()
				r.Publish(mention(t, 0, bot.pubkey))
				for i := range missed - 1 {
					if i%10 == 0 {
						<-time.After(time.Second)
					}
					e := nostr.Event{Kind: 1, CreatedAt: nostr.Now(), Tags: nostr.Tags{{"p", bot.pubkey}}}
					if err := e.Sign(fmt.Sprintf("%064x", i+1000)); err != nil {
						t.Fatal(err)
					}
					r.Publish(e)
				}
				<-time.After(time.Minute)
				bot = assemble(t, net, ledger, yaml)
				<-time.After(2 * time.Hour)
				bot.stop()
				answers := answersOn(r, bot.pubkey)
				for id, n := range answers {
					if n != 1 {
						t.Errorf("%s was answered %d times", id, n)
					}
				}
				if len(answers) != missed {
					t.Errorf("%d of %d mentions were answered", len(answers), missed)
				}
			})
		})
	}
}
