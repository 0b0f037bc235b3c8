package cmd_test

import (
	"bytes"
	"context"
	"fmt"
	"maps"
	"math/rand/v2"
	"net/http"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/nbd-wtf/go-nostr"

	"rhea/cmd"
	"rhea/engine/relay/local"
	"rhea/engine/relay/relaytest"
)

// TestSoak runs a bot among ten relays that misbehave and are killed at random, for as long as RHEA_SOAK says, such as
// 10m; without it there is nothing to do. It ends with every honest mention answered exactly once, no forged one
// answered, and goroutines and memory where they were.
func TestSoak(t *testing.T) {
	text, ok := os.LookupEnv("RHEA_SOAK")
	if !ok {
		return
	}
	span, err := time.ParseDuration(text)
	if err != nil {
		t.Fatal(err)
	}
	goroutines, heap := runtime.NumGoroutine(), heapMB()
	t.Run("among bad relays", func(t *testing.T) { soak(t, span) })
	deadline := time.After(20 * time.Second)
	for runtime.NumGoroutine() > goroutines {
		select {
		case <-deadline:
			stacks := make([]byte, 1<<20)
			t.Fatalf("%d goroutines, %d before:\n%s", runtime.NumGoroutine(), goroutines, stacks[:runtime.Stack(stacks, true)])
		case <-time.After(100 * time.Millisecond):
		}
	}
	after := heapMB()
	t.Logf("goroutines %d before, %d after; heap %.1f MB before, %.1f MB after", goroutines, runtime.NumGoroutine(), heap, after)
	if after > heap+8 {
		t.Errorf("the heap holds %.1f MB, %.1f MB before", after, heap)
	}
}

func heapMB() float64 {
	runtime.GC()
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return float64(m.HeapAlloc) / (1 << 20)
}

// tally counts what was said about each mention, over all relays.
type tally struct {
	mu      sync.Mutex
	honest  map[string]bool
	replies map[string]map[string]bool
	// kept are the mentions whose reply the honest relay has.
	kept map[string]bool
}

func (c *tally) accept(bot string, honest bool) func(nostr.Event) {
	return func(e nostr.Event) {
		tag := e.Tags.Find("e")
		if e.PubKey != bot || tag == nil {
			return
		}
		c.mu.Lock()
		defer c.mu.Unlock()
		if c.replies[tag[1]] == nil {
			c.replies[tag[1]] = make(map[string]bool)
		}
		c.replies[tag[1]][e.ID] = true
		if honest {
			c.kept[tag[1]] = true
		}
	}
}

// misbehaviours are those of the ten relays.
func misbehaviours() []relaytest.Behaviour {
	sometimes := func(b relaytest.Behaviour) relaytest.Behaviour {
		var on atomic.Bool
		limited := relaytest.While(&on, b)
		hears, says := limited.Hears, limited.Says
		if hears != nil {
			limited.Hears = func(c *relaytest.Conn, m relaytest.Message) bool { on.Store(rand.N(10) == 0); return hears(c, m) }
		}
		if says != nil {
			limited.Says = func(c *relaytest.Conn, m relaytest.Message) []relaytest.Message {
				on.Store(rand.N(10) == 0)
				return says(c, m)
			}
		}
		return limited
	}
	var forgets atomic.Bool
	forgets.Store(true)
	return []relaytest.Behaviour{
		relaytest.ForgeSignatures(),
		relaytest.ForgeFirst(),
		relaytest.ForgeIDs(),
		relaytest.SlowWrite(256, 100*time.Millisecond),
		relaytest.SlowRead(64, 100*time.Millisecond),
		sometimes(relaytest.FreezeOn("EVENT")),
		sometimes(relaytest.ResetOn("EVENT")),
		relaytest.Forget(&forgets),
		{
			Opened: relaytest.Malformed().Opened, Says: relaytest.Oversized(1 << 20).Says,
			Hears: sometimes(relaytest.OK(false, "rate-limited: slow down")).Hears,
		},
		{
			Upgrade: func(w http.ResponseWriter, _ *http.Request) bool {
				refuses := rand.N(2) == 0
				if refuses {
					http.Error(w, "no", http.StatusBadGateway)
				}
				return refuses
			},
			Hears: sometimes(relaytest.CloseOnce(-1, "error: not now")).Hears, Says: relaytest.Repeat("EVENT").Says,
		},
	}
}

func soak(t *testing.T, span time.Duration) {
	bot, err := nostr.GetPublicKey(botSecret)
	if err != nil {
		t.Fatal(err)
	}
	count := &tally{honest: make(map[string]bool), replies: make(map[string]map[string]bool), kept: make(map[string]bool)}
	options := func(honest bool) local.Options {
		return local.Options{MaxEvents: 200_000, MaxBytes: 1 << 30, Accepted: count.accept(bot, honest)}
	}
	honest := relaytest.With(t, options(true))
	urls := []string{honest.URL()}
	var bad []*relaytest.Relay
	for _, b := range misbehaviours() {
		r := relaytest.With(t, options(false), b)
		bad, urls = append(bad, r), append(urls, r.URL())
	}
	path := filepath.Join(t.TempDir(), "bot.yaml")
	if err := os.WriteFile(path, fmt.Appendf(nil, benchConfig, strings.Join(urls, ", ")), 0o600); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan int, 1)
	var said bytes.Buffer
	go func() {
		ended <- cmd.Run(ctx, []string{"run", "-c", path, "--log-level", "warn"}, cmd.Streams{
			In: strings.NewReader(""), Out: &said, Err: &said,
			LookupEnv: func(name string) (string, bool) { return botSecret, name == "BOT_NSEC" },
		}, kinds())
	}()
	honest.Await("REQ", 1)

	stop := time.After(span)
	next, kill, killHonest := time.NewTicker(100*time.Millisecond), time.NewTicker(3*time.Second), time.NewTicker(75*time.Second)
	defer next.Stop()
	defer kill.Stop()
	defer killHonest.Stop()
	for n, going := 0, true; going; {
		select {
		case <-stop:
			going = false
		case <-next.C:
			n++
			count.say(t, n, bot, honest, bad)
		case <-kill.C:
			hurt(bad[rand.N(len(bad))])
		case <-killHonest.C:
			hurt(honest)
		}
	}
	count.wait(t)
	cancel()
	if code := <-ended; code != 0 {
		t.Errorf("the bot ended with %d", code)
	}
	if t.Failed() {
		t.Logf("the end of the log:\n%s", said.Bytes()[max(0, said.Len()-8000):])
	}
}

// hurt ends or freezes the connections of a relay.
func hurt(r *relaytest.Relay) {
	if rand.N(3) == 0 {
		r.Freeze()
	} else {
		r.Kill()
	}
}

// say has somebody mention the bot on the honest relay and some others. Every tenth mention is known only to the relay
// that forges all signatures, so that no honest copy of it ever comes.
func (c *tally) say(t *testing.T, n int, bot string, honest *relaytest.Relay, bad []*relaytest.Relay) {
	e := nostr.Event{Kind: 1, CreatedAt: nostr.Now(), Content: fmt.Sprint("hello, this is ", n), Tags: nostr.Tags{{"p", bot}}}
	if err := e.Sign(fmt.Sprintf("%064x", 1000+n%64)); err != nil {
		t.Fatal(err)
	}
	if n%10 == 0 {
		bad[0].Publish(e)
		return
	}
	c.mu.Lock()
	c.honest[e.ID] = true
	c.mu.Unlock()
	for range 3 {
		bad[rand.N(len(bad))].Local.Publish(e)
	}
	honest.Publish(e)
}

// wait until the honest relay has a reply to every honest mention, and checks that there is only one of each.
func (c *tally) wait(t *testing.T) {
	deadline := time.After(8 * time.Minute)
	again := time.NewTicker(time.Second)
	defer again.Stop()
	for missing := -1; missing != 0; {
		c.mu.Lock()
		missing = len(c.honest) - len(c.kept)
		c.mu.Unlock()
		select {
		case <-again.C:
		case <-deadline:
			t.Errorf("%d of %d mentions were not answered on the honest relay", missing, len(c.honest))
			missing = 0
		}
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	for id, replies := range c.replies {
		switch {
		case !c.honest[id]:
			t.Errorf("the forged mention %s was answered", id)
		case len(replies) != 1:
			t.Errorf("the mention %s was answered %d times: %q", id, len(replies), slices.Collect(maps.Keys(replies)))
		}
	}
	t.Logf("%d honest mentions, %d answered", len(c.honest), len(c.replies))
}
