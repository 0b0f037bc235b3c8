package cmd_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/nbd-wtf/go-nostr"

	"rhea/engine/ledger/memory"
	"rhea/engine/relay/local"
	"rhea/engine/relay/relaytest"
)

// TestQueue lets people write faster than the rule's limit, with restarts in between that are longer than max_age.
// Everybody is answered once, in order, by what they wrote and who they are.
func TestQueue(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		net := relaytest.NewNetwork()
		r := net.New(t, "one.test", local.Options{})
		store := memory.NewStore()
		yaml := fmt.Sprintf(`version: 1
identities: { main: { key: { env: BOT_NSEC } } }
relays: [%s]
rules:
  - name: greet
    trigger: { mention: {} }
    if: event.content startsWith "hello"
    actions: [ { reply: { content: "To ${{ author.name }}: ${{ event.content }}" } } ]
    limit: { rate: 1/1h, on_limit: queue }
`, r.URL())
		bot := assemble(t, net, store.Open(), yaml)
		pass(5 * time.Second)
		var want []string
		for i := range 5 {
			secret := fmt.Sprintf("%064x", 20+i)
			profile := nostr.Event{Kind: 0, Content: fmt.Sprintf(`{"name":"person %d"}`, i), CreatedAt: nostr.Now()}
			if err := profile.Sign(secret); err != nil {
				t.Fatal(err)
			}
			r.Publish(profile)
			r.Publish(signed(t, secret, fmt.Sprintf("hello %d", i), nostr.Tags{{"p", bot.pubkey}}))
			want = append(want, fmt.Sprintf("To person %[1]d: hello %[1]d", i))
			pass(time.Second)
		}
		for range 12 {
			pass(20 * time.Minute)
			bot.stop()
			pass(20 * time.Minute)
			bot = assemble(t, net, store.Open(), yaml)
		}
		bot.stop()
		var got []string
		answers := written(r, bot.pubkey)
		slices.SortFunc(answers, func(a, b nostr.Event) int { return int(a.CreatedAt - b.CreatedAt) })
		for i, e := range answers {
			got = append(got, e.Content)
			if i > 0 && e.CreatedAt-answers[i-1].CreatedAt < 3600 {
				t.Errorf("%q came %d s after the one before", e.Content, e.CreatedAt-answers[i-1].CreatedAt)
			}
		}
		if !slices.Equal(got, want) {
			t.Errorf("the bot says\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
		}
	})
}
