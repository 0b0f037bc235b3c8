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

const outboxYAML = `version: 1
identities: { main: { key: { env: BOT_NSEC } } }
relays: [%s]
rules:
  - name: greet
    relays: outbox
    trigger: { mention: {} }
    actions: [ { reply: { content: "Hi!" } } ]
`

// TestOutboxModel answers somebody who reads elsewhere: the reply goes to the bot's write relay and to theirs.
func TestOutboxModel(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		net := relaytest.NewNetwork()
		usual := net.New(t, "usual.example.com", local.Options{})
		write, theirs := net.New(t, "write.example.com", local.Options{}), net.New(t, "theirs.example.com", local.Options{})
		bot, err := nostr.GetPublicKey(botSecret)
		if err != nil {
			t.Fatal(err)
		}
		question := mention(t, 1, bot)
		lists := []nostr.Event{
			{Tags: nostr.Tags{{"r", write.URL(), "write"}, {"r", usual.URL(), "read"}}},
			{Tags: nostr.Tags{{"r", theirs.URL(), "read"}, {"r", "ws://127.0.0.1:1", "read"}}},
		}
		for i, key := range []string{botSecret, visitorSecret} {
			lists[i].Kind, lists[i].CreatedAt = nostr.KindRelayListMetadata, nostr.Now()
			if err := lists[i].Sign(key); err != nil {
				t.Fatal(err)
			}
			usual.Publish(lists[i])
		}
		a := assemble(t, net, memory.New(), fmt.Sprintf(outboxYAML, usual.URL()))
		<-time.After(5 * time.Second)
		usual.Publish(question)
		<-time.After(10 * time.Second)
		synctest.Wait()
		a.stop()
		for r, want := range map[*relaytest.Relay]int{usual: 0, write: 1, theirs: 1} {
			if n := answersOn(r, bot)[question.ID]; n != want {
				t.Errorf("%s has %d answers, want %d", r.URL(), n, want)
			}
		}
	})
}
