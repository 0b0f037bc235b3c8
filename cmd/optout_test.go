package cmd_test

import (
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/nbd-wtf/go-nostr"

	"rhea/engine/ledger/memory"
	"rhea/engine/relay/local"
	"rhea/engine/relay/relaytest"
)

// TestOptOut is a person who has had enough, over a restart, until they change their mind.
func TestOptOut(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		net := relaytest.NewNetwork()
		r := net.New(t, "one.test", local.Options{})
		store := memory.NewStore()
		yaml := fmt.Sprintf(`version: 1
identities: { main: { key: { env: BOT_NSEC } } }
relays: [%s]
defaults: { opt_out: { stop: [stop, halt], stopped: "Bye ${{ author.npub }}" } }
rules:
  - name: greet
    trigger: { mention: {} }
    if: event.content contains "hello"
    actions: [ { reply: { content: "Hi!" } } ]
  - name: answer
    trigger: { reply: {} }
    actions: [ { reply: { content: "Thanks!" } } ]
  - name: also
    trigger: { mention: {} }
    actions: [ { react: { content: "+" } } ]
`, r.URL())
		bot := assemble(t, net, store.Open(), yaml)
		// say writes to the bot and returns what it does in answer.
		say := func(text string, tags ...nostr.Tag) (texts []string) {
			pass(5 * time.Second)
			before := make(map[string]bool)
			for _, e := range written(r, bot.pubkey) {
				before[e.ID] = true
			}
			e := nostr.Event{Kind: 1, Content: text, CreatedAt: nostr.Now(), Tags: append(nostr.Tags{{"p", bot.pubkey}}, tags...)}
			if err := e.Sign(fmt.Sprintf("%064x", 9)); err != nil {
				t.Fatal(err)
			}
			r.Publish(e)
			pass(5 * time.Second)
			for _, e := range written(r, bot.pubkey) {
				if !before[e.ID] {
					texts = append(texts, e.Content)
				}
			}
			return texts
		}
		if got := say("hello"); len(got) != 2 {
			t.Fatalf("before anything was said the bot does %q", got)
		}
		if got := say("nostr:npub1qqqq HALT!"); len(got) != 1 || !strings.HasPrefix(got[0], "Bye npub1") {
			t.Errorf("stop is answered with %q, want one confirmation", got)
		}
		if got := say("hello"); len(got) != 0 {
			t.Errorf("after stop the bot still does %q", got)
		}
		if got := say("stop"); len(got) != 0 {
			t.Errorf("a second stop is answered with %q", got)
		}
		bot.stop()
		bot = assemble(t, net, store.Open(), yaml)
		if got := say("hello"); len(got) != 0 {
			t.Errorf("after stop and a restart the bot does %q", got)
		}
		if got := say("I will not stop saying hello"); len(got) != 0 {
			t.Errorf("a muted person gets %q", got)
		}
		if got := say("start"); len(got) != 1 || got[0] != "Welcome back." {
			t.Errorf("start is answered with %q", got)
		}
		if got := say("hello"); len(got) != 2 {
			t.Errorf("after start the bot does %q", got)
		}
		bot.stop()
	})
}
