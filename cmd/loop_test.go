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

const otherSecret = "00000000000000000000000000000000000000000000000000000000000000b2"

// written is what an author has on a relay.
func written(r *relaytest.Relay, pubkey string) []nostr.Event {
	return r.Local.Query(nostr.Filter{Authors: []string{pubkey}})
}

// chatty answers whoever speaks to it, and speaks to them.
func chatty(url, action string) string {
	return fmt.Sprintf(`version: 1
identities: { main: { key: { env: BOT_NSEC } } }
relays: [%s]
rules:
  - name: chat
    trigger: { mention: {} }
    actions: [ { %s } ]
`, url, action)
}

const (
	answers = `reply: { content: "Hello ${{ mention(event.pubkey) }}, you said ${{ event.id }}" }`
	calls   = `publish: { content: "Hello ${{ mention(event.pubkey) }}, you said ${{ event.id }}" }`
)

// TestTwoBots lets two bots that answer mentions loose on each other, without a profile that says what they are.
func TestTwoBots(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		action string
		most   int // notes of one bot in a day
	}{
		"in a thread":      {answers, 5},
		"each note anew":   {calls, 10 * 24},
		"a reaction to it": {`react: { content: "+" }`, 10},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				net := relaytest.NewNetwork()
				r := net.New(t, "one.test", local.Options{})
				one := assembleAs(t, botSecret, net, memory.New(), chatty(r.URL(), tc.action))
				two := assembleAs(t, otherSecret, net, memory.New(), chatty(r.URL(), tc.action))
				pass(5 * time.Second)
				// A stranger brings them together.
				r.Publish(noteOf(t, 7, nostr.Tags{{"p", one.pubkey}, {"p", two.pubkey}}))
				pass(24 * time.Hour)
				one.stop()
				two.stop()
				for _, bot := range []*assembled{one, two} {
					if n := len(written(r, bot.pubkey)); n == 0 || n > tc.most {
						t.Errorf("a bot wrote %d events in a day, want up to %d", n, tc.most)
					}
				}
			})
		})
	}
}

// TestEchoBot sets the bot against one that repeats whatever is said to it.
func TestEchoBot(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		thread bool
		most   int
	}{
		"in the thread": {true, 5},
		"each anew":     {false, 10 * 12},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				net := relaytest.NewNetwork()
				r := net.New(t, "one.test", local.Options{})
				bot := assemble(t, net, memory.New(), chatty(r.URL(), answers))
				pass(5 * time.Second)
				r.Publish(noteOf(t, 7, nostr.Tags{{"p", bot.pubkey}}))
				echoed := make(map[string]bool)
				for range 12 * 60 {
					pass(time.Minute)
					for _, e := range written(r, bot.pubkey) {
						if echoed[e.ID] {
							continue
						}
						echoed[e.ID] = true
						tags := nostr.Tags{{"p", bot.pubkey}}
						if tc.thread {
							root := e.Tags.Find("e")[1]
							tags = append(tags, nostr.Tag{"e", root, "", "root"}, nostr.Tag{"e", e.ID, "", "reply", bot.pubkey})
						}
						echo := nostr.Event{Kind: 1, Content: e.Content, Tags: tags, CreatedAt: nostr.Now()}
						if err := echo.Sign(fmt.Sprintf("%064x", 8)); err != nil {
							t.Fatal(err)
						}
						r.Publish(echo)
					}
				}
				bot.stop()
				if n := len(written(r, bot.pubkey)); n == 0 || n > tc.most {
					t.Errorf("the bot wrote %d events, want up to %d", n, tc.most)
				}
			})
		})
	}
}

func pass(d time.Duration) {
	<-time.After(d)
	synctest.Wait()
}

// noteOf is a note of the nth person.
func noteOf(t *testing.T, n int, tags nostr.Tags) nostr.Event {
	t.Helper()
	e := nostr.Event{Kind: 1, Content: "hello you two", CreatedAt: nostr.Now(), Tags: tags}
	if err := e.Sign(fmt.Sprintf("%064x", n)); err != nil {
		t.Fatal(err)
	}
	return e
}
