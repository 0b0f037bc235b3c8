package cmd_test

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/nbd-wtf/go-nostr"

	"rhea/engine/relay/local"
	"rhea/engine/relay/relaytest"
)

// soakSpan is how long a soak takes, such as RHEA_SOAK=10m; 0 without it.
func soakSpan(t *testing.T) time.Duration {
	text, ok := os.LookupEnv("RHEA_SOAK")
	if !ok {
		return 0
	}
	span, err := time.ParseDuration(text)
	if err != nil {
		t.Fatal(err)
	}
	return span
}

// soakWorld is one honest relay, one that forges every signature, and nine whose moods change.
type soakWorld struct {
	bot, dir       string
	honest, forger *relaytest.Relay
	moody          []*relaytest.Relay
	mood           *swing

	mu sync.Mutex
	// asked are the mentions that an honest relay has; kept are those of them whose reply the honest relay has.
	asked, kept map[string]bool
}

func newSoakWorld(t *testing.T) *soakWorld {
	bot, err := nostr.GetPublicKey(botSecret)
	if err != nil {
		t.Fatal(err)
	}
	w := &soakWorld{bot: bot, dir: t.TempDir(), mood: newSwing(t), asked: make(map[string]bool), kept: make(map[string]bool)}
	large := local.Options{MaxEvents: 200_000, MaxBytes: 1 << 30}
	w.forger = relaytest.With(t, large, relaytest.ForgeSignatures())
	large.Accepted = func(e nostr.Event) {
		if id := w.answered(e); id != "" {
			w.mu.Lock()
			defer w.mu.Unlock()
			w.kept[id] = true
		}
	}
	w.honest = relaytest.With(t, large)
	large.Accepted = nil
	urls := []string{w.honest.URL(), w.forger.URL()}
	for range 9 {
		r := relaytest.With(t, large)
		w.mood.give(r)
		w.moody, urls = append(w.moody, r), append(urls, r.URL())
	}
	if err := os.WriteFile(filepath.Join(w.dir, "bot.yaml"), fmt.Appendf(nil, benchConfig, strings.Join(urls, ", ")), 0o600); err != nil {
		t.Fatal(err)
	}
	return w
}

// answered is the id of the mention that an event of the bot answers.
func (w *soakWorld) answered(e nostr.Event) string {
	if tag := e.Tags.Find("e"); e.PubKey == w.bot && tag != nil {
		return tag[1]
	}
	return ""
}

// run has people mention the bot for some time, while moods change and connections break. Every so often, at random,
// the bot is interrupted.
func (w *soakWorld) run(t *testing.T, span, often time.Duration, interrupt func()) {
	stop := time.After(span)
	next, change := time.Tick(100*time.Millisecond), time.Tick(2*time.Second)
	hurtOne, hurtHonest := time.Tick(3*time.Second), time.Tick(75*time.Second)
	again := func() <-chan time.Time { return time.After(often/2 + rand.N(often)) }
	for interrupted, n := again(), 1; ; {
		select {
		case <-stop:
			return
		case <-next:
			w.say(t, n)
			n++
		case <-change:
			w.mood.give(w.moody[rand.N(len(w.moody))])
		case <-hurtOne:
			hurt(append(w.moody, w.forger)[rand.N(len(w.moody)+1)])
		case <-hurtHonest:
			hurt(w.honest)
		case <-interrupted:
			interrupt()
			interrupted = again()
		}
	}
}

// hurt ends, resets or freezes the connections of a relay.
func hurt(r *relaytest.Relay) {
	switch rand.N(3) {
	case 0:
		r.Freeze()
	case 1:
		r.Reset()
	default:
		r.Kill()
	}
}

// say has somebody mention the bot on the honest relay and some others. Every tenth mention is known only to the relay
// that forges all signatures, so that no honest copy of it ever comes.
func (w *soakWorld) say(t *testing.T, n int) {
	e := nostr.Event{Kind: 1, CreatedAt: nostr.Now(), Content: fmt.Sprint("hello, this is ", n), Tags: nostr.Tags{{"p", w.bot}}}
	if err := e.Sign(fmt.Sprintf("%064x", 1000+n%64)); err != nil {
		t.Fatal(err)
	}
	if n%10 == 0 {
		w.forger.Publish(e)
		return
	}
	w.mu.Lock()
	w.asked[e.ID] = true
	w.mu.Unlock()
	for range 3 {
		w.moody[rand.N(len(w.moody))].Publish(e)
	}
	w.honest.Publish(e)
}

// wait until the honest relay has a reply to every honest mention.
func (w *soakWorld) wait(t *testing.T) {
	deadline := time.After(8 * time.Minute)
	again := time.NewTicker(time.Second)
	defer again.Stop()
	for {
		w.mu.Lock()
		missing := len(w.asked) - len(w.kept)
		w.mu.Unlock()
		if missing == 0 {
			return
		}
		select {
		case <-again.C:
		case <-deadline:
			t.Errorf("%d of %d mentions were not answered on the honest relay", missing, len(w.asked))
			return
		}
	}
}

// check makes sure that the bot has said one thing about each honest mention and nothing about forged ones, to whatever
// relay, whether it was kept or not.
func (w *soakWorld) check(t *testing.T) {
	replies := make(map[string]map[string]bool)
	for _, r := range append(w.moody, w.honest, w.forger) {
		for _, m := range r.Heard("EVENT") {
			e, ok := m.Event()
			id := w.answered(e)
			if !ok || id == "" {
				continue // It went missing on the way, or is about no mention.
			}
			if replies[id] == nil {
				replies[id] = make(map[string]bool)
			}
			replies[id][e.ID] = true
		}
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	for id, said := range replies {
		switch {
		case !w.asked[id]:
			t.Errorf("the forged mention %s was answered", id)
		case len(said) != 1:
			t.Errorf("the mention %s was answered %d times: %q", id, len(said), slices.Collect(maps.Keys(said)))
		}
	}
	t.Logf("%d honest mentions, %d answered; %d moods, %d changes", len(w.asked), len(replies), len(w.mood.names), w.mood.next)
	if w.mood.next < len(w.mood.names) {
		t.Logf("too short for all moods")
	}
}
