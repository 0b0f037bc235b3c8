package cmd_test

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/nbd-wtf/go-nostr"

	"rhea/engine/ledger/sqlite"
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
	name := filepath.Join(dir, "log")
	_, err := os.Stat(name)
	first := errors.Is(err, fs.ErrNotExist)
	log, err := os.OpenFile(name, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
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
		if t.Failed() && first { // All processes write the same log.
			text, _ := os.ReadFile(name)
			t.Logf("the end of the log:\n%s", text[max(0, len(text)-30_000):])
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

// untilRead waits until the state says since when streams are read: what comes after that is not old. A subscription proves
// nothing, since lists and profiles are looked up at the same time.
func untilRead(t *testing.T, dir string, streams ...string) {
	t.Helper()
	for end := time.Now().Add(time.Minute); time.Now().Before(end); <-time.After(10 * time.Millisecond) {
		if areRead(t, dir, streams) {
			return
		}
	}
	t.Fatalf("after a minute the state does not say since when %s are read", streams)
}

func areRead(t *testing.T, dir string, streams []string) bool {
	t.Helper()
	r, err := sqlite.OpenReadOnly(filepath.Join(dir, "rhea.db"))
	if err != nil {
		return false // The bot has yet to make it.
	}
	defer r.Close()
	return !slices.ContainsFunc(streams, func(stream string) bool {
		at, err := r.Position(t.Context(), stream)
		return err != nil || at == ""
	})
}
