//go:build unix

package cmd_test

import (
	"fmt"
	"math/rand/v2"
	"os"
	"testing"
	"time"

	"github.com/nbd-wtf/go-nostr"
)

// TestKill kills the bot fifty times at random moments of a burst of two hundred mentions that two relays both
// deliver: in the end every mention is answered exactly once, with the same bytes on both relays.
func TestKill(t *testing.T) {
	t.Parallel()
	const kills, mentions = 50, 200
	bot, err := nostr.GetPublicKey(botSecret)
	if err != nil {
		t.Fatal(err)
	}
	one, two := watch(t), watch(t)
	dir := t.TempDir()
	writeConfig(t, dir, fmt.Sprintf(`version: 1
identities: { main: { key: { env: BOT_NSEC } } }
relays: [%s, %s]
rules:
  - name: greet
    trigger: { mention: {} }
    actions: [ { reply: { content: "Hi!" } } ]
    limit: { author: 0 }
    loops: { patience: 0 }
`, one.url, two.url))

	// The first start decides what is old; only then come the mentions.
	first := start(t, t.Context(), dir, "run")
	untilRead(t, dir, "greet/mention/"+one.url, "greet/mention/"+two.url)
	var asked []string
	for n := range mentions {
		e := mention(t, n, bot)
		asked = append(asked, e.ID)
		one.Publish(e)
		two.Publish(e)
		if n%(mentions/kills) != 0 {
			continue
		}
		<-time.After(time.Duration(rand.IntN(150)) * time.Millisecond)
		if err := first.Process.Kill(); err != nil {
			t.Fatal(err)
		}
		_ = first.Wait() // It was killed.
		first = start(t, t.Context(), dir, "run")
	}
	complete := func(w *watched) func() bool { return func() bool { return len(w.answers(bot)) == mentions } }
	one.until(t, time.Minute, complete(one))
	two.until(t, time.Minute, complete(two))
	if err := first.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	if err := first.Wait(); err != nil {
		t.Errorf("after an interrupt the bot ended with %v", err)
	}
	onOne, onTwo := one.answers(bot), two.answers(bot)
	for _, id := range asked {
		if len(onOne[id]) != 1 || len(onTwo[id]) != 1 {
			t.Errorf("mention %s has %d and %d answers, want one on each relay", id, len(onOne[id]), len(onTwo[id]))
			continue
		}
		if a, b := onOne[id][0].String(), onTwo[id][0].String(); a != b {
			t.Errorf("the relays have different bytes:\n%s\n%s", a, b)
		}
	}
}
