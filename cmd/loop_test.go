package cmd_test

import (
	"fmt"
	"slices"
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

// TestTwoBots lets two bots that answer mentions loose on each other, without a profile that says what they are. The
// first word is the only one that nobody asked for, so silence is for good.
func TestTwoBots(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		action string
		most   int // notes of one bot
	}{
		"in a thread":    {answers, 5},
		"each note anew": {calls, 10},
		"a reaction":     {`react: { content: "+" }`, 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				net := relaytest.NewNetwork()
				r := net.New(t, "one.test", local.Options{})
				one := assembleAs(t, botSecret, net, memory.New(), chatty(r.URL(), tc.action))
				two := assembleAs(t, otherSecret, net, memory.New(), chatty(r.URL(), tc.action))
				pass(5 * time.Second)
				r.Publish(signed(t, otherSecret, "hello you", nostr.Tags{{"p", one.pubkey}}))
				pass(24 * time.Hour)
				day := len(written(r, one.pubkey))
				pass(2 * 24 * time.Hour)
				one.stop()
				two.stop()
				for _, bot := range []*assembled{one, two} {
					n := len(written(r, bot.pubkey))
					if n == 0 || n > tc.most+1 {
						t.Errorf("a bot wrote %d events in three days, want up to %d", n, tc.most)
					}
				}
				if n := len(written(r, one.pubkey)); n != day || n > tc.most {
					t.Errorf("a bot wrote %d events in a day and %d in three days, want silence within %d", day, n, tc.most)
				}
			})
		})
	}
}

// TestTirelessBots sets the bot, as it is without a line of configuration, against bots that do not say what they are
// and never tire. All of them fall silent, most because nobody answers any more.
func TestTirelessBots(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		// thread answers below the bot's note, else each note stands alone.
		thread bool
		// after is how long the other bot takes to answer; every is how often it speaks without being answered.
		after, every time.Duration
		most         int // notes of the bot, ever
	}{
		"an echo in the thread":                  {thread: true, after: time.Minute, most: 5},
		"ever new notes at once":                 {after: time.Minute, most: 10},
		"ever new notes, slowly":                 {after: 10 * time.Minute, most: 30},
		"ever new notes, every other hour":       {after: 2 * time.Hour, most: 30},
		"a note every half hour, come what may":  {every: 30 * time.Minute, most: 30},
		"a note every hour, come what may":       {every: time.Hour, most: 30},
		"a greeting every day, and slow answers": {after: 10 * time.Minute, every: 24 * time.Hour, most: 92},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				net := relaytest.NewNetwork()
				r := net.New(t, "one.test", local.Options{})
				bot := assemble(t, net, memory.New(), chatty(r.URL(), answers))
				pass(5 * time.Second)
				tags := nostr.Tags{{"p", bot.pubkey}}
				r.Publish(noteOf(t, 8, tags))
				answered := map[string]bool{}
				news := func() (fresh []nostr.Event) {
					for _, e := range written(r, bot.pubkey) {
						if !answered[e.ID] {
							answered[e.ID], fresh = true, append(fresh, e)
						}
					}
					return fresh
				}
				begin, said, half := time.Now(), time.Now(), 0
				const span = 8 * 24 * time.Hour
				for n := 0; time.Since(begin) < span; n++ {
					fresh := news()
					switch {
					case tc.after == 0:
						pass(tc.every)
					case len(fresh) == 0:
						pass(30 * time.Minute)
					default:
						pass(tc.after)
					}
					for _, e := range fresh {
						tags := slices.Clone(tags)
						if tc.thread {
							root := e.Tags.Find("e")[1]
							tags = append(tags, nostr.Tag{"e", root, "", "root"}, nostr.Tag{"e", e.ID, "", "reply", bot.pubkey})
						}
						if tc.after > 0 {
							r.Publish(signed(t, fmt.Sprintf("%064x", 8), fmt.Sprint(n, e.Content), tags))
						}
					}
					if tc.every > 0 && time.Since(said) >= tc.every {
						said = time.Now()
						r.Publish(signed(t, fmt.Sprintf("%064x", 8), fmt.Sprint("hello again ", n), tags))
					}
					pass(5 * time.Second)
					if half == 0 && time.Since(begin) >= span/2 {
						half = len(written(r, bot.pubkey))
					}
				}
				bot.stop()
				if n := len(written(r, bot.pubkey)); n == 0 || n > tc.most || n != half {
					t.Errorf("the bot wrote %d notes in the first half and %d in all, want silence within %d", half, n, tc.most)
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
	return signed(t, fmt.Sprintf("%064x", n), "hello you two", tags)
}

func signed(t *testing.T, secret, content string, tags nostr.Tags) nostr.Event {
	t.Helper()
	e := nostr.Event{Kind: 1, Content: content, CreatedAt: nostr.Now(), Tags: tags}
	if err := e.Sign(secret); err != nil {
		t.Fatal(err)
	}
	return e
}
