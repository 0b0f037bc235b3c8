package cmd_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/nbd-wtf/go-nostr"
)

// handWritten is the bot that people write by hand with go-nostr: it answers, and remembers nothing.
func handWritten() {
	key, url := os.Getenv("BOT_NSEC"), os.Getenv("RELAY")
	pubkey, err := nostr.GetPublicKey(key)
	if err != nil {
		panic(err)
	}
	ctx := context.Background()
	relay, err := nostr.RelayConnect(ctx, url)
	if err != nil {
		panic(err)
	}
	sub, err := relay.Subscribe(ctx, nostr.Filters{{Kinds: []int{1}, Tags: nostr.TagMap{"p": {pubkey}}}})
	if err != nil {
		panic(err)
	}
	for e := range sub.Events {
		go func() {
			if !strings.Contains(e.Content, "hello") {
				return
			}
			reply := nostr.Event{
				Kind: 1, CreatedAt: nostr.Now(), Content: "Hi! " + e.Content,
				Tags: nostr.Tags{{"e", e.ID, url, "root", e.PubKey}, {"p", e.PubKey}},
			}
			if reply.Sign(key) == nil {
				_ = relay.Publish(ctx, reply) // It has no place to remember a failure.
			}
		}()
	}
}

const benchConfig = `version: 1
identities: { main: { key: { env: BOT_NSEC }, flood_stop: 100000000/1h } }
relays: [ %s ]
rules:
  - name: greet
    trigger: { mention: {} }
    if: event.content contains "hello"
    actions: [ { reply: { content: "Hi! ${{ event.content }}" } } ]
    limit: { rate: 0, author: 0, thread: 0 }
    flood_stop: 100000000/1h
    loops: { bots: allow, patience: 0 }
    concurrency: { max: 64 }
`

// bots are the programs that are compared: Rhea with its SQLite ledger, and the hand-written bot.
func bots(b *testing.B) map[string]func(r *nullRelay) *exec.Cmd {
	b.Helper()
	return map[string]func(r *nullRelay) *exec.Cmd{
		"rhea":              func(r *nullRelay) *exec.Cmd { return startRhea(b, r, benchConfig) },
		"baseline go-nostr": func(r *nullRelay) *exec.Cmd { return startBot(b, r, "handwritten") },
	}
}

// startRhea starts Rhea with a configuration on a relay.
func startRhea(b *testing.B, r *nullRelay, config string) *exec.Cmd {
	b.Helper()
	path := filepath.Join(b.TempDir(), "bot.yaml")
	if err := os.WriteFile(path, fmt.Appendf(nil, config, r.url), 0o600); err != nil {
		b.Fatal(err)
	}
	return startBot(b, r, "rhea", "run", "-c", path, "--log-level", "error")
}

// startBot starts a program until the benchmark ends.
func startBot(b *testing.B, r *nullRelay, name string, args ...string) *exec.Cmd {
	b.Helper()
	c := exec.CommandContext(b.Context(), name, args...)
	c.Env = append(os.Environ(), "BOT_NSEC="+botSecret, "RELAY="+r.url)
	var said bytes.Buffer
	c.Stderr = &said
	if err := c.Start(); err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() {
		_ = c.Process.Kill()
		_ = c.Wait() // It was killed.
		if b.Failed() {
			b.Log(said.String())
		}
	})
	return c
}

// mentions are signed mentions of the bot by some people, as JSON.
func mentions(b *testing.B, n, people int) (events [][]byte, ids map[string]bool) {
	b.Helper()
	bot, err := nostr.GetPublicKey(botSecret)
	if err != nil {
		b.Fatal(err)
	}
	ids = make(map[string]bool, n)
	for i := range n {
		e := nostr.Event{
			Kind: 1, CreatedAt: nostr.Now(), Content: fmt.Sprint("hello bot, this is message ", i),
			Tags: nostr.Tags{{"p", bot}},
		}
		if err := e.Sign(fmt.Sprintf("%064x", 1000+i%people)); err != nil {
			b.Fatal(err)
		}
		raw, err := json.Marshal(e)
		if err != nil {
			b.Fatal(err)
		}
		events, ids[e.ID] = append(events, raw), true
	}
	return events, ids
}

// BenchmarkReplies measures the whole bot over loopback: how many mentions a second it answers with so many in
// flight, and how long one takes.
func BenchmarkReplies(b *testing.B) {
	for _, flight := range []int{64, 1} {
		for name, start := range bots(b) {
			b.Run(fmt.Sprintf("%d in flight/%s", flight, name), func(b *testing.B) {
				const warm = 100
				r := newNullRelay(b)
				events, ids := mentions(b, b.N+warm, 64)
				bot := start(r)
				sub := <-r.ready
				var replies [][]byte
				for _, e := range events[:warm] {
					r.say(sub, e)
					replies = append(replies, r.reply())
				}
				took := make([]time.Duration, 0, b.N)
				cpu := cpuOf(bot.Process.Pid)
				b.ResetTimer()
				sent, answered := 0, 0
				for begun := make([]time.Time, 0, b.N); answered < b.N; answered++ {
					for sent < b.N && sent-answered < flight {
						begun = append(begun, time.Now())
						r.say(sub, events[warm+sent])
						sent++
					}
					replies = append(replies, r.reply())
					took = append(took, time.Since(begun[answered]))
				}
				b.StopTimer()
				b.ReportMetric(float64((cpuOf(bot.Process.Pid)-cpu).Microseconds())/float64(b.N), "cpu-µs/reply")
				r.check(replies, ids)
				slices.Sort(took)
				b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "replies/s")
				if flight == 1 {
					b.ReportMetric(float64(took[len(took)/2].Microseconds()), "p50-µs")
					b.ReportMetric(float64(took[len(took)*99/100].Microseconds()), "p99-µs")
				}
				if m := residentMB(bot.Process.Pid); m > 0 {
					b.ReportMetric(m, "rss-MB")
				}
			})
		}
	}
}

// residentMB is what a process holds in memory, 0 where that cannot be read.
func residentMB(pid int) float64 {
	b, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		return 0
	}
	for line := range strings.Lines(string(b)) {
		if rest, ok := strings.CutPrefix(line, "VmRSS:"); ok {
			kb, err := strconv.Atoi(strings.TrimSuffix(strings.TrimSpace(rest), " kB"))
			if err != nil {
				return 0
			}
			return float64(kb) / 1024
		}
	}
	return 0
}

// cpuOf is the processor time that a process has used, in steps of a hundredth of a second; 0 where that cannot be read.
func cpuOf(pid int) time.Duration {
	b, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return 0
	}
	// The name of the program stands in brackets and may hold anything; user and system time are the 12th and 13th
	// field after it.
	_, rest, _ := bytes.Cut(b, []byte(") "))
	fields := bytes.Fields(rest)
	if len(fields) < 13 {
		return 0
	}
	user, err := strconv.Atoi(string(fields[11]))
	system, err2 := strconv.Atoi(string(fields[12]))
	if err != nil || err2 != nil {
		return 0
	}
	return time.Duration(user+system) * 10 * time.Millisecond
}
