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

// idleWorld is five relays and a configuration with ten rules, for the binary that people run.
type idleWorld struct {
	b           *testing.B
	relays      []*nullRelay
	dir, binary string
}

func newIdleWorld(b *testing.B) *idleWorld {
	b.Helper()
	w := &idleWorld{b: b, dir: b.TempDir()}
	w.binary = filepath.Join(w.dir, "rhea")
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
	// As make build does it: what only tests link is not in it.
	build := exec.CommandContext(b.Context(), "go", "build", "-trimpath", "-ldflags", "-s -w", "-o", w.binary, "./rhea")
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		b.Fatalf("%v\n%s", err, out)
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
		select {
		case sub := <-r.ready:
			subs = append(subs, sub)
		case <-time.After(time.Minute):
			w.b.Fatal("the bot does not subscribe")
		}
	}
	return bot, subs, time.Since(began)
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
// with a new state file each time and with the one of the time before. What it is to be held against is the start of a
// bot by go-nostr with one relay and no state; it is a program of this test, so that it is larger than need be.
func BenchmarkStart(b *testing.B) {
	w := newIdleWorld(b)
	measure := func(name string, start func(n int) time.Duration) {
		b.Run(name, func(b *testing.B) {
			var took []time.Duration
			for n := range b.N {
				took = append(took, start(n))
			}
			slices.Sort(took)
			b.ReportMetric(float64(took[len(took)/2].Microseconds())/1000, "start-ms")
			b.ReportMetric(float64(took[0].Microseconds())/1000, "best-ms")
		})
	}
	run := func(state string) time.Duration {
		bot, _, took := w.start(state)
		w.end(bot)
		return took
	}
	news := 0
	measure("new state", func(int) time.Duration {
		news++
		return run(fmt.Sprintf("new-%d.db", news))
	})
	run("old.db")
	measure("old state", func(int) time.Duration { return run("old.db") })
	measure("baseline go-nostr", func(int) time.Duration {
		r := w.relays[0]
		bot := exec.CommandContext(b.Context(), "handwritten")
		bot.Env = append(os.Environ(), "BOT_NSEC="+botSecret, "RELAY="+r.url)
		began := time.Now()
		if err := bot.Start(); err != nil {
			b.Fatal(err)
		}
		<-r.ready
		took := time.Since(began)
		w.end(bot)
		return took
	})
}

// BenchmarkMemory starts a bot with ten rules and five relays, and has it look at b.N different events that meet the
// filter of every rule and the condition of none. It reports how large the program is, and what the bot held in memory
// before and after; TestMillion shows what becomes of it.
func BenchmarkMemory(b *testing.B) {
	w := newIdleWorld(b)
	bot, subs, _ := w.start("rhea.db")
	defer w.end(bot)
	<-time.After(time.Second)
	idle := residentMB(bot.Process.Pid)
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
	if info, err := os.Stat(w.binary); err == nil {
		b.ReportMetric(float64(info.Size())/(1<<20), "binary-MB")
	}
	b.ReportMetric(idle, "idle-MB")
	b.ReportMetric(max(most, residentMB(bot.Process.Pid)), "most-MB")
}
