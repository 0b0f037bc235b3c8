package cmd_test

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/nbd-wtf/go-nostr"
)

// BenchmarkMemory starts a bot with ten rules and five relays, and has it look at b.N different events that meet the
// filter of every rule and the condition of none. It reports how long the start took and what the bot held in memory
// before and after.
func BenchmarkMemory(b *testing.B) {
	relays := make([]*nullRelay, 5)
	urls := make([]string, len(relays))
	for i := range relays {
		relays[i] = newNullRelay(b)
		urls[i] = relays[i].url
	}
	config, _, _ := strings.Cut(fmt.Sprintf(benchConfig, strings.Join(urls, ", ")), "rules:")
	config += "rules:\n"
	for i := range 10 {
		config += fmt.Sprintf("  - name: rule-%d\n    trigger: { mention: {} }\n    if: event.content contains \"word%d\"\n"+
			"    actions: [ { reply: { content: hi } } ]\n", i, i)
	}
	dir := b.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "bot.yaml"), []byte(config), 0o600); err != nil {
		b.Fatal(err)
	}
	// The binary that people run, without what only tests link.
	binary := filepath.Join(dir, "rhea")
	if out, err := exec.CommandContext(b.Context(), "go", "build", "-ldflags", "-s -w", "-o", binary, "./rhea").CombinedOutput(); err != nil {
		b.Fatalf("%v\n%s", err, out)
	}
	bot := exec.CommandContext(b.Context(), binary, "run", "-c", filepath.Join(dir, "bot.yaml"), "--log-level", "error")
	bot.Env = append(os.Environ(), "BOT_NSEC="+botSecret)
	start := time.Now()
	if err := bot.Start(); err != nil {
		b.Fatal(err)
	}
	defer func() {
		_ = bot.Process.Kill()
		_ = bot.Wait() // It was killed.
	}()
	subs := make([]string, len(relays))
	for i, r := range relays {
		subs[i] = <-r.ready
	}
	started := time.Since(start)
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
		for j, r := range relays[:2] {
			r.say(subs[j], raw)
		}
		if i%1000 == 0 {
			most = max(most, residentMB(bot.Process.Pid))
		}
	}
	b.StopTimer()
	b.ReportMetric(float64(started.Microseconds())/1000, "start-ms")
	b.ReportMetric(idle, "idle-MB")
	b.ReportMetric(max(most, residentMB(bot.Process.Pid)), "most-MB")
}
