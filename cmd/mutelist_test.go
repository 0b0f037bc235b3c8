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

// TestMuteList is an operator who mutes with another program; the bot heeds it within the hour.
func TestMuteList(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		net := relaytest.NewNetwork()
		r := net.New(t, "one.test", local.Options{})
		bot := assemble(t, net, memory.New(), chatty(r.URL(), answers))
		defer func() { bot.stop() }()
		pass(5 * time.Second)
		// ask has the nth person write, and returns whether there is an answer.
		ask := func(n int, text string, tags ...nostr.Tag) bool {
			e := nostr.Event{Kind: 1, Content: text, CreatedAt: nostr.Now(), Tags: append(nostr.Tags{{"p", bot.pubkey}}, tags...)}
			if err := e.Sign(fmt.Sprintf("%064x", n)); err != nil {
				t.Fatal(err)
			}
			r.Publish(e)
			pass(5 * time.Second)
			return answersOn(r, bot.pubkey)[e.ID] > 0
		}
		if !ask(11, "hello") {
			t.Fatal("nobody is muted and nobody is answered")
		}
		pest, err := nostr.GetPublicKey(fmt.Sprintf("%064x", 11))
		if err != nil {
			t.Fatal(err)
		}
		list := nostr.Event{Kind: 10000, CreatedAt: nostr.Now(), Tags: nostr.Tags{{"p", pest}, {"word", "Casino"}, {"t", "spam"}, {"e"}}}
		if err := list.Sign(botSecret); err != nil {
			t.Fatal(err)
		}
		r.Publish(list)
		pass(61 * time.Minute)
		for name, c := range map[string]struct {
			person int
			text   string
			tag    nostr.Tag
			want   bool
		}{
			"a muted person":  {11, "hello", nostr.Tag{"x", "y"}, false},
			"a muted word":    {12, "the best CASINO", nostr.Tag{"x", "y"}, false},
			"a muted hashtag": {13, "hello", nostr.Tag{"t", "Spam"}, false},
			"anybody else":    {14, "hello", nostr.Tag{"t", "nostr"}, true},
		} {
			if got := ask(c.person, c.text, c.tag); got != c.want {
				t.Errorf("%s is answered: %v", name, got)
			}
		}
	})
}

// TestTheMuteListNeedsNoConnectionOfItsOwn: it is asked for where the rules listen.
func TestTheMuteListNeedsNoConnectionOfItsOwn(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		net := relaytest.NewNetwork()
		r := net.New(t, "one.test", local.Options{})
		bot := assemble(t, net, memory.New(), chatty(r.URL(), answers))
		defer func() { bot.stop() }()
		pass(5 * time.Second)
		if looks := r.Heard("REQ"); len(looks) != 3 || r.Connections() != 1 {
			t.Errorf("%d connections, asked for %q", r.Connections(), looks)
		}
	})
}
