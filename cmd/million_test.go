package cmd_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/nbd-wtf/go-nostr"
)

// TestMillion has a bot look at as many events as RHEA_EVENTS says, such as 1000000, and prints what it holds in memory
// after each tenth; without it there is nothing to do. Two relays say them: three of four are mentions that meet no
// condition or events that nobody asked for, a fifth comes twice, and each two hundredth is answered. What the bot
// holds may not grow in the second half.
func TestMillion(t *testing.T) {
	text, ok := os.LookupEnv("RHEA_EVENTS")
	if !ok {
		return
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < 10_000 {
		t.Fatalf("RHEA_EVENTS=%s; it must be a number of at least 10000", text)
	}
	relays := []*nullRelay{newNullRelay(t), newNullRelay(t)}
	dir := t.TempDir()
	writeConfig(t, dir, fmt.Sprintf(benchConfig, relays[0].url+", "+relays[1].url))
	t.Setenv("GODEBUG", "gctrace=1") // The bot's log tells its live heap.
	bot := start(t, t.Context(), dir, "run", "--log-level", "warn")
	subs := []string{<-relays[0].ready, <-relays[1].ready}
	pubkey, err := nostr.GetPublicKey(botSecret)
	if err != nil {
		t.Fatal(err)
	}
	c := &crowd{t: t, bot: pubkey, asked: make(map[string]bool)}
	var resident []float64
	for i := range n {
		one, other := i%2, (i+1)%2
		raw, answered := c.event(i)
		relays[one].say(subs[one], raw)
		if answered || i%5 == 0 {
			relays[other].say(subs[other], raw)
		}
		if answered {
			for _, r := range relays {
				c.replies = append(c.replies, r.reply())
			}
		}
		if (i+1)%(n/10) == 0 {
			resident = append(resident, residentMB(bot.Process.Pid))
			t.Logf("%8d events: %.1f MB resident, %s MB of heap alive", i+1, resident[len(resident)-1], liveHeap(t, dir))
		}
	}
	// Both relays have the same replies.
	for half := range 2 {
		var replies [][]byte
		for i := half; i < len(c.replies); i += 2 {
			replies = append(replies, c.replies[i])
		}
		relays[half].check(replies, maps.Clone(c.asked))
	}
	if half, end := resident[4], resident[9]; end > half*1.1+1 {
		t.Errorf("%.1f MB after all events, %.1f MB after half of them", end, half)
	}
}

// crowd makes events.
type crowd struct {
	t       *testing.T
	bot     string
	asked   map[string]bool
	replies [][]byte
}

// event is the i-th event, and whether the bot must answer it.
func (c *crowd) event(i int) (raw []byte, answered bool) {
	e := nostr.Event{
		Kind: 1, CreatedAt: nostr.Now(), Content: fmt.Sprint("nothing special ", i), Tags: nostr.Tags{{"p", c.bot}},
		PubKey: fmt.Sprintf("%064x", i%1000), Sig: strings.Repeat("0", 128), // Nobody gets as far as the signature.
	}
	switch {
	case i%200 == 0:
		e.Content = fmt.Sprint("hello bot, this is message ", i)
		if err := e.Sign(fmt.Sprintf("%064x", 1000+i%64)); err != nil {
			c.t.Fatal(err)
		}
		c.asked[e.ID] = true
	case i%4 == 0:
		e.Kind = 7 // Nobody asked for it.
		e.ID = e.GetID()
	default:
		e.ID = e.GetID()
	}
	raw, err := json.Marshal(e)
	if err != nil {
		c.t.Fatal(err)
	}
	return raw, c.asked[e.ID]
}

// liveHeap is what the last collection of a bot with GODEBUG=gctrace=1 left alive.
func liveHeap(t *testing.T, dir string) string {
	log, err := os.ReadFile(filepath.Join(dir, "log"))
	if err != nil {
		t.Fatal(err)
	}
	lines := regexp.MustCompile(`(?m)^gc \d+ @.*->(\d+) MB,`).FindAllSubmatch(log, -1)
	if len(lines) == 0 {
		return "?"
	}
	return string(lines[len(lines)-1][1])
}
