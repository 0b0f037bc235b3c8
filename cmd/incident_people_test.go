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

// What has gone wrong with bots among people elsewhere, replayed. Bots that answer bots are in loop_test.go, people who
// had enough in optout_test.go, feeds in incident_test.go, taking back a flood in look_test.go and undo.txtar.

// incident is a bot on two relays with some rules.
type incident struct {
	*testing.T
	one, two *relaytest.Relay
	net      *relaytest.Network
	store    *memory.Store
	rules    string
	bot      *assembled
}

func replay(t *testing.T, rules string, story func(i *incident)) {
	t.Helper()
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		net := relaytest.NewNetwork()
		i := &incident{
			T: t, net: net, store: memory.NewStore(), rules: rules,
			one: net.New(t, "one.test", local.Options{}), two: net.New(t, "two.test", local.Options{}),
		}
		i.start()
		story(i)
		i.bot.stop()
	})
}

func (i *incident) start() {
	i.bot = assemble(i.T, i.net, i.store.Open(), fmt.Sprintf(
		"version: 1\nidentities: { main: { key: { env: BOT_NSEC } } }\nrelays: [%s, %s]\nrules:\n%s", i.one.URL(), i.two.URL(), i.rules))
	pass(5 * time.Second)
}

func (i *incident) restart() {
	i.bot.stop()
	i.start()
}

// says has the nth person write to the bot, on both relays.
func (i *incident) says(n int, text string, tags ...nostr.Tag) {
	e := signed(i.T, fmt.Sprintf("%064x", 30+n), text, append(nostr.Tags{{"p", i.bot.pubkey}}, tags...))
	i.one.Publish(e)
	i.two.Publish(e)
}

func (i *incident) expect(least, most int) {
	i.Helper()
	if n := len(written(i.one, i.bot.pubkey)); n < least || n > most {
		i.Errorf("the bot wrote %d notes, want %d to %d", n, least, most)
	}
}

const greeter = `
  - name: greet
    trigger: { mention: {} }
    actions: [ { reply: { content: "Hi! ${{ event.content }}" } } ]
`

// A bot asked its relays for everything again at each start, and remembered nothing: 169 answers to 15 messages.
func TestIncidentRestartsReplayTheRelay(t *testing.T) {
	replay(t, greeter, func(i *incident) {
		for n := range 15 {
			i.says(n, fmt.Sprint("hello ", n))
		}
		for range 12 {
			i.restart()
		}
		i.expect(15, 15)
	})
}

// A first start answered years of mentions.
func TestIncidentFirstStartAnswersThePast(t *testing.T) {
	replay(t, greeter, func(i *incident) {
		i.bot.stop()
		i.store = memory.NewStore()
		for n := range 30 {
			i.says(n, fmt.Sprint("hello ", n))
			pass(time.Hour)
		}
		i.start()
		pass(time.Minute)
		i.expect(0, 0)
	})
}

// A rule matched what it published itself, through its own name in its own notes.
func TestIncidentAnswersItself(t *testing.T) {
	replay(t, `
  - name: echo
    trigger: { nostr: { kinds: [1] } }
    if: event.content contains "bot"
    actions: [ { publish: { content: "bot ${{ mention(bot.pubkey) }}: ${{ event.id }}" } } ]
  - name: greet
    trigger: { mention: {} }
    actions: [ { reply: { content: "bot ${{ mention(bot.pubkey) }} ${{ event.id }}" } } ]
`, func(i *incident) {
		i.says(1, "hello bot")
		pass(24 * time.Hour)
		i.expect(2, 2)
	})
}

// One rule ran wild and filled the relays until somebody woke up.
func TestIncidentRunawayRule(t *testing.T) {
	replay(t, `
  - name: shout
    trigger: { nostr: { kinds: [1], tags: { t: [bots] } } }
    actions: [ { publish: { content: "${{ event.id }}" } } ]
`, func(i *incident) {
		for n := range 700 {
			i.says(n%7, fmt.Sprint(n), nostr.Tag{"t", "bots"})
		}
		pass(time.Hour)
		i.expect(200, 200) // Newcomers leave a third of 300/10m to people answered before.
		i.restart()
		for n := range 50 {
			i.says(n%7, fmt.Sprint("more ", n), nostr.Tag{"t", "bots"})
		}
		pass(time.Hour)
		i.expect(250, 250) // It has gone on by itself.
	})
}

// One person had a bot talk all week. Operators wanted a cap a day and one a week.
func TestIncidentOnePersonAllWeek(t *testing.T) {
	replay(t, greeter+"    limit: { author: [5/1d, 12/7d] }\n", func(i *incident) {
		for n := range 7 * 24 {
			i.says(1, fmt.Sprint("hello ", n))
			if n%24 == 0 {
				i.says(2, fmt.Sprint("hello too ", n))
			}
			pass(time.Hour)
		}
		i.expect(12+7, 12+7)
	})
}

// A crowd was dragged through a thread: every answer reached everybody who was ever named in it.
func TestIncidentCarriedAlong(t *testing.T) {
	replay(t, greeter, func(i *incident) {
		root := signed(t, fmt.Sprintf("%064x", 40), "a thread", nil)
		i.one.Publish(root)
		for n := range 20 {
			i.says(n, "I agree", nostr.Tag{"e", root.ID, "", "root", root.PubKey})
		}
		pass(time.Minute)
		i.expect(0, 0)
	})
}
