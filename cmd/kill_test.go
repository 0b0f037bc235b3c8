package cmd_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/nbd-wtf/go-nostr"

	"rhea/engine/relay/local"
)

const (
	botSecret     = "0000000000000000000000000000000000000000000000000000000000000003"
	visitorSecret = "0000000000000000000000000000000000000000000000000000000000000004"
)

// watched is a relay that remembers every event of the bot in the order in which it was accepted.
type watched struct {
	*local.Relay
	url string

	mu       sync.Mutex
	accepted []nostr.Event
	news     chan struct{}
}

func watch(t *testing.T) *watched {
	t.Helper()
	w := &watched{news: make(chan struct{}, 1)}
	w.Relay = local.New(local.Options{Accepted: func(e nostr.Event) {
		w.mu.Lock()
		w.accepted = append(w.accepted, e)
		w.mu.Unlock()
		select {
		case w.news <- struct{}{}:
		default:
		}
	}})
	url, err := w.Listen()
	if err != nil {
		t.Fatal(err)
	}
	w.url = url
	t.Cleanup(func() { w.Close() })
	return w
}

// answers counts the replies of the bot by the event they answer.
func (w *watched) answers(bot string) map[string][]nostr.Event {
	w.mu.Lock()
	defer w.mu.Unlock()
	by := make(map[string][]nostr.Event)
	for _, e := range w.accepted {
		if tag := e.Tags.Find("e"); e.PubKey == bot && tag != nil {
			by[tag[1]] = append(by[tag[1]], e)
		}
	}
	return by
}

// until waits for the relay to have accepted enough.
func (w *watched) until(t *testing.T, limit time.Duration, enough func() bool) {
	t.Helper()
	deadline := time.After(limit)
	again := time.NewTicker(20 * time.Millisecond)
	defer again.Stop()
	for !enough() {
		select {
		case <-w.news:
		case <-again.C:
		case <-deadline:
			t.Fatalf("after %s the bot has not said what it must", limit)
		}
	}
}

// start runs rhea as its own process.
func start(t *testing.T, ctx context.Context, dir string, args ...string) *exec.Cmd {
	t.Helper()
	c := exec.CommandContext(ctx, "rhea", args...)
	c.Dir = dir
	c.Env = append(os.Environ(), "BOT_NSEC="+botSecret)
	log, err := os.OpenFile(filepath.Join(dir, "log"), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		t.Fatal(err)
	}
	c.Stderr = log
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = c.Process.Kill()
		log.Close()
		if t.Failed() {
			text, _ := os.ReadFile(filepath.Join(dir, "log"))
			t.Logf("the end of the log:\n%s", text[max(0, len(text)-8000):])
		}
	})
	return c
}

func writeConfig(t *testing.T, dir, text string) {
	t.Helper()
	if err := os.WriteFile(filepath.Join(dir, "bot.yaml"), []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

func mention(t *testing.T, n int, bot string) nostr.Event {
	t.Helper()
	e := nostr.Event{Kind: 1, CreatedAt: nostr.Now(), Content: fmt.Sprintf("hello %d", n), Tags: nostr.Tags{{"p", bot}}}
	if err := e.Sign(visitorSecret); err != nil {
		t.Fatal(err)
	}
	return e
}

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
`, one.url, two.url))

	// The first start decides what is old; only then come the mentions.
	first := start(t, t.Context(), dir, "run")
	one.until(t, time.Minute, func() bool { return len(one.Subscriptions()) > 0 && len(two.Subscriptions()) > 0 })
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
	var exit *exec.ExitError
	if err := first.Wait(); errors.As(err, &exit) {
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
