package cmd_test

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/nbd-wtf/go-nostr"
)

// idleWorld is five relays and a configuration with ten rules, for the binary that people run. The other binary is the
// bot that people write by hand.
type idleWorld struct {
	b                  *testing.B
	relays             []*nullRelay
	dir, binary, other string
}

func newIdleWorld(b *testing.B) *idleWorld {
	b.Helper()
	w := &idleWorld{b: b, dir: b.TempDir(), binary: built(b, "./rhea"), other: built(b, goNostr)}
	urls := make([]string, 5)
	for i := range urls {
		r := newNullRelay(b)
		w.relays, urls[i] = append(w.relays, r), r.url
	}
	config, _, _ := strings.Cut(fmt.Sprintf(benchConfig, strings.Join(urls, ", ")), "rules:")
	config += "rules:\n"
	for i := range 10 {
		config += fmt.Sprintf("  - name: rule-%d\n    trigger: { mention: {} }\n    if: event.content contains \"word%d\"\n"+
			"    actions: [ { reply: { content: hi } } ]\n", i, i)
	}
	if err := os.WriteFile(filepath.Join(w.dir, "bot.yaml"), []byte(config), 0o600); err != nil {
		b.Fatal(err)
	}
	return w
}

// start runs the bot with a state file of some name until all relays have its subscription.
func (w *idleWorld) start(state string) (bot *exec.Cmd, subs []string, took time.Duration) {
	w.b.Helper()
	bot = exec.CommandContext(w.b.Context(), w.binary, "run", "-c", filepath.Join(w.dir, "bot.yaml"), "--log-level", "error",
		"--state", filepath.Join(w.dir, state))
	bot.Env = append(os.Environ(), "BOT_NSEC="+botSecret)
	began := time.Now()
	if err := bot.Start(); err != nil {
		w.b.Fatal(err)
	}
	for _, r := range w.relays {
		subs = append(subs, r.asked())
	}
	return bot, subs, time.Since(began)
}

// startOther does the same with the bot that people write by hand, on one relay.
func (w *idleWorld) startOther() (bot *exec.Cmd, took time.Duration) {
	w.b.Helper()
	bot = exec.CommandContext(w.b.Context(), w.other)
	bot.Env = append(os.Environ(), "BOT_NSEC="+botSecret, "RELAY="+w.relays[0].url)
	began := time.Now()
	if err := bot.Start(); err != nil {
		w.b.Fatal(err)
	}
	w.relays[0].asked()
	return bot, time.Since(began)
}

// end kills the bot and forgets what it asked for besides.
func (w *idleWorld) end(bot *exec.Cmd) {
	_ = bot.Process.Kill()
	_ = bot.Wait() // It was killed.
	for _, r := range w.relays {
		for len(r.ready) > 0 {
			<-r.ready
		}
	}
}

// BenchmarkStart measures a start from the start of the process until the last of five relays has the subscription,
// with a new state file each time and with the one of the time before, in turns with the start of the bot that people
// write by hand with go-nostr, which has one relay and no state.
func BenchmarkStart(b *testing.B) {
	w := newIdleWorld(b)
	took := make(map[string][]time.Duration)
	run := func(name, state string) {
		bot, _, d := w.start(state)
		w.end(bot)
		took[name] = append(took[name], d)
	}
	run("first", "old.db")
	for n := 0; b.Loop(); n++ {
		run("new-state", fmt.Sprintf("new-%d.db", n))
		run("old-state", "old.db")
		bot, d := w.startOther()
		w.end(bot)
		took["go-nostr"] = append(took["go-nostr"], d)
	}
	delete(took, "first")
	for name, all := range took {
		slices.Sort(all)
		b.ReportMetric(float64(all[len(all)/2].Microseconds())/1000, name+"-start-ms")
		b.ReportMetric(float64(all[0].Microseconds())/1000, name+"-best-ms")
	}
	b.ReportMetric(0, "ns/op") // All of them together say nothing.
}

// BenchmarkMemory starts a bot with ten rules and five relays, and has it look at b.N different events that meet the
// filter of every rule and the condition of none. It reports how large the program is, and what the bot held in memory
// before and after; TestMillion shows what becomes of it. The bot that people write by hand is weighed before it has
// seen an event.
func BenchmarkMemory(b *testing.B) {
	w := newIdleWorld(b)
	other, _ := w.startOther()
	bot, subs, _ := w.start("rhea.db")
	defer w.end(bot)
	<-time.After(time.Second)
	idle, otherIdle := residentMB(bot.Process.Pid), residentMB(other.Process.Pid)
	w.end(other)
	pubkey, err := nostr.GetPublicKey(botSecret)
	if err != nil {
		b.Fatal(err)
	}
	var most float64
	b.ResetTimer()
	for i := range b.N {
		e := nostr.Event{
			Kind: 1, CreatedAt: nostr.Now(), Content: fmt.Sprint("nothing special ", i), Tags: nostr.Tags{{"p", pubkey}},
			PubKey: fmt.Sprintf("%064x", i%1000), Sig: strings.Repeat("0", 128), // Nobody gets as far as the signature.
		}
		e.ID = e.GetID()
		raw, err := json.Marshal(e)
		if err != nil {
			b.Fatal(err)
		}
		for j, r := range w.relays[:2] {
			r.say(subs[j], raw)
		}
		if i%1000 == 0 {
			most = max(most, residentMB(bot.Process.Pid))
		}
	}
	b.StopTimer()
	for path, unit := range map[string]string{w.binary: "binary-MB", w.other: "go-nostr-binary-MB"} {
		if info, err := os.Stat(path); err == nil {
			b.ReportMetric(float64(info.Size())/(1<<20), unit)
		}
	}
	b.ReportMetric(idle, "idle-MB")
	b.ReportMetric(otherIdle, "go-nostr-idle-MB")
	b.ReportMetric(max(most, residentMB(bot.Process.Pid)), "most-MB")
}
