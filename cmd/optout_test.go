package cmd_test

import (
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/nbd-wtf/go-nostr"

	"rhea/engine"
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

// TestStopWhileAway is a person who says stop while the bot is away for days. It counts although it is too old to be
// answered; what is older than a week does not, nor a word to somebody else in a thread with the bot.
func TestStopWhileAway(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		said     []string
		tags     nostr.Tags // beside the bot's p tag
		ago      time.Duration
		restarts int
		left     bool // alone
	}{
		"stop":                   {said: []string{"stop"}, ago: 48 * time.Hour, left: true},
		"stop, and two restarts": {said: []string{"stop"}, ago: 48 * time.Hour, restarts: 2, left: true},
		"stop and start":         {said: []string{"stop", "start"}, ago: 48 * time.Hour, restarts: 1},
		"start and stop":         {said: []string{"stop", "start", "stop"}, ago: 48 * time.Hour, restarts: 1, left: true},
		"an old message":         {said: []string{"hello, stop that"}, ago: 48 * time.Hour},
		"more than a week ago":   {said: []string{"stop"}, ago: 9 * 24 * time.Hour},
		"to somebody else":       {said: []string{"stop"}, ago: 48 * time.Hour, tags: nostr.Tags{{"e", strings.Repeat("ab", 32), "", "root"}}},
	} {
		t.Run(name, func(t *testing.T) {
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
    actions: [ { reply: { content: "Hi!" } } ]
  - name: also
    trigger: { nostr: { kinds: [1], tags: { t: [bots] } } }
    actions: [ { react: { content: "+" } } ]
`, r.URL())
				bot := assemble(t, net, store.Open(), yaml)
				pass(time.Minute)
				bot.stop()
				pass(time.Hour)
				person := fmt.Sprintf("%064x", 9)
				for _, text := range tc.said {
					r.Publish(signed(t, person, text, append(nostr.Tags{{"p", bot.pubkey}}, tc.tags...)))
					pass(time.Minute)
				}
				pass(tc.ago)
				for range tc.restarts + 1 {
					bot = assemble(t, net, store.Open(), yaml)
					pass(time.Minute)
					bot.stop()
				}
				bot = assemble(t, net, store.Open(), yaml)
				pass(time.Minute)
				if n := len(written(r, bot.pubkey)); n != 0 {
					t.Errorf("the bot said %d things to what is days old", n)
				}
				r.Publish(signed(t, person, "hello", nostr.Tags{{"p", bot.pubkey}, {"t", "bots"}}))
				pass(time.Minute)
				bot.stop()
				want := 2 // an answer and a reaction
				if tc.left {
					want = 0
				}
				if n := len(written(r, bot.pubkey)); n != want {
					t.Errorf("afterwards the bot said %d things to the person, want %d", n, want)
				}
			})
		})
	}
}

// TestStopWhileHeld is a person who says stop to a rule that an operator holds.
func TestStopWhileHeld(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		net := relaytest.NewNetwork()
		r := net.New(t, "one.test", local.Options{})
		bot := assemble(t, net, memory.New(), chatty(r.URL(), answers))
		pass(time.Minute)
		hold := engine.Hold{Since: time.Now(), Reason: "by hand"}
		if err := bot.ledger.Advance(t.Context(), hold.Position("chat")); err != nil {
			t.Fatal(err)
		}
		for _, text := range []string{"hello", "stop"} {
			r.Publish(signed(t, fmt.Sprintf("%064x", 9), text, nostr.Tags{{"p", bot.pubkey}}))
			pass(time.Minute)
		}
		if err := bot.ledger.Advance(t.Context(), engine.Position{Stream: engine.HoldStream("chat")}); err != nil {
			t.Fatal(err)
		}
		r.Publish(signed(t, fmt.Sprintf("%064x", 9), "hello again", nostr.Tags{{"p", bot.pubkey}}))
		pass(time.Minute)
		bot.stop()
		if n := len(written(r, bot.pubkey)); n != 0 {
			t.Errorf("the bot said %d things to who had said stop", n)
		}
		history, err := bot.ledger.History(t.Context(), engine.HistoryQuery{})
		if err != nil || len(history) != 3 {
			t.Fatalf("the history is %v, %v", history, err)
		}
		for i, want := range []string{"opt_out", "opt_out", "hold"} { // newest first
			gates := history[i].Gates
			if last := gates[len(gates)-1]; history[i].Outcome != engine.RateLimited || last.Gate != want || last.Pass {
				t.Errorf("decision %d is %s at %+v, want %s at %s", i, history[i].Outcome, last, engine.RateLimited, want)
			}
		}
	})
}

// TestStopIsConfirmedOnce is a person who has used up the limit when they say stop, and then says stop and start for fun.
func TestStopIsConfirmedOnce(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		net := relaytest.NewNetwork()
		r := net.New(t, "one.test", local.Options{})
		bot := assemble(t, net, memory.New(), chatty(r.URL(), answers))
		pass(time.Minute)
		say := func(text string) {
			r.Publish(signed(t, fmt.Sprintf("%064x", 9), text, nostr.Tags{{"p", bot.pubkey}}))
			pass(5 * time.Second)
		}
		for i := range 12 {
			say(fmt.Sprint("hello ", i))
		}
		if n := len(written(r, bot.pubkey)); n != 10 {
			t.Fatalf("the bot answers %d times, want ten", n)
		}
		for range 20 {
			say("stop")
			say("start")
		}
		bot.stop()
		if n := len(written(r, bot.pubkey)); n != 11 {
			t.Errorf("the bot wrote %d notes, want ten and one confirmation", n)
		}
	})
}
