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

// soakWorld is one honest relay and ten that misbehave: one that forges every signature, two that are honest and give
// little at once, and seven whose moods change.
type soakWorld struct {
	bot, owner, dir string
	honest, forger  *relaytest.Relay
	limited         []*relaytest.Relay
	moody           []*relaytest.Relay
	mood            *swing
	said, backlogs  int // How many mentions were made, and how many backlogs.

	mu    sync.Mutex
	asked int // How many mentions an honest relay has.
	// owed is what rules have to say about the mentions that an honest relay has; kept is what of it the honest relay has.
	owed, kept map[string]bool
}

func newSoakWorld(t *testing.T) *soakWorld {
	bot, err := nostr.GetPublicKey(botSecret)
	if err != nil {
		t.Fatal(err)
	}
	owner, err := nostr.GetPublicKey(soakSecret(0))
	if err != nil {
		t.Fatal(err)
	}
	w := &soakWorld{
		bot: bot, owner: owner, dir: t.TempDir(), mood: newSwing(t), owed: make(map[string]bool), kept: make(map[string]bool),
	}
	large := local.Options{MaxEvents: 200_000, MaxBytes: 1 << 30}
	w.forger = relaytest.With(t, large, relaytest.ForgeSignatures())
	large.Accepted = func(e nostr.Event) {
		if what := w.answer(e); what != "" {
			w.mu.Lock()
			defer w.mu.Unlock()
			w.kept[what] = true
		}
	}
	w.honest = relaytest.With(t, large)
	large.Accepted = nil
	w.limited = limitedRelays(t, large)
	urls := []string{w.honest.URL(), w.forger.URL(), w.limited[0].URL(), w.limited[1].URL()}
	for range 7 {
		r := relaytest.With(t, large)
		w.mood.give(r)
		w.moody, urls = append(w.moody, r), append(urls, r.URL())
	}
	config := fmt.Appendf(nil, benchConfig+overlappingRules, strings.Join(urls, ", "), owner)
	if err := os.WriteFile(filepath.Join(w.dir, "bot.yaml"), config, 0o600); err != nil {
		t.Fatal(err)
	}
	return w
}

// answer is what an event of the bot says about which mention, as owes names it.
func (w *soakWorld) answer(e nostr.Event) string {
	if tag := e.Tags.Find("e"); e.PubKey == w.bot && tag != nil {
		return said(e.Kind, tag[1])
	}
	return ""
}

// run has people mention the bot for some time, while moods change and connections break. Every so often, at random,
// the bot is interrupted.
func (w *soakWorld) run(t *testing.T, span, often time.Duration, interrupt func()) {
	stop := time.After(span)
	next, change := time.Tick(100*time.Millisecond), time.Tick(2*time.Second)
	hurtOne, hurtHonest, outage := time.Tick(3*time.Second), time.Tick(75*time.Second), time.Tick(100*time.Second)
	bad := slices.Concat(w.moody, w.limited, []*relaytest.Relay{w.forger})
	again := func() <-chan time.Time { return time.After(often/2 + rand.N(often)) }
	for interrupted := again(); ; {
		select {
		case <-stop:
			return
		case <-next:
			w.say(t)
		case <-change:
			w.mood.give(w.moody[rand.N(len(w.moody))])
		case <-hurtOne:
			hurt(bad[rand.N(len(bad))])
		case <-hurtHonest:
			hurt(w.honest)
		case <-outage:
			w.outage(t)
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
func (w *soakWorld) say(t *testing.T) {
	e := w.mention(t, nostr.Now())
	if w.said%10 == 0 {
		w.forger.Publish(e)
		return
	}
	w.owes(e)
	for range 3 {
		w.moody[rand.N(len(w.moody))].Publish(e)
	}
	w.honest.Publish(e)
}

// wait until the honest relay has all that is owed to honest mentions, or nothing has come for eight minutes.
func (w *soakWorld) wait(t *testing.T) {
	const patience = 8 * time.Minute
	start := time.Now()
	again, deadline := time.NewTicker(time.Second), time.NewTimer(patience)
	defer again.Stop()
	defer deadline.Stop()
	for last := 0; ; {
		w.mu.Lock()
		missing := len(w.owed) - len(w.kept)
		w.mu.Unlock()
		if missing == 0 {
			t.Logf("the last answer came after %s", time.Since(start).Round(time.Second))
			return
		}
		if missing != last {
			last = missing
			deadline.Reset(patience)
		}
		select {
		case <-again.C:
		case <-deadline.C:
			t.Errorf("%d of %d answers are not on the honest relay", missing, len(w.owed))
			return
		}
	}
}

// check makes sure that each rule has said one thing about each honest mention that it wants and nothing about others,
// to whatever relay, whether it was kept or not.
func (w *soakWorld) check(t *testing.T) {
	answers := make(map[string]map[string]bool)
	for _, r := range slices.Concat(w.moody, w.limited, []*relaytest.Relay{w.honest, w.forger}) {
		for _, m := range r.Heard("EVENT") {
			e, ok := m.Event()
			what := w.answer(e)
			if !ok || what == "" {
				continue // It went missing on the way, or is about no mention.
			}
			if answers[what] == nil {
				answers[what] = make(map[string]bool)
			}
			answers[what][e.ID] = true
		}
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	for what, ids := range answers {
		switch {
		case !w.owed[what]:
			t.Errorf("nobody is owed %s", what)
		case len(ids) != 1:
			t.Errorf("%d times: %s: %q", len(ids), what, slices.Collect(maps.Keys(ids)))
		}
	}
	pages := w.pages()
	t.Logf("%d honest mentions, %d answers owed, %d given; %d backlogs, %d pages; %d moods, %d changes",
		w.asked, len(w.owed), len(answers), w.backlogs, pages, len(w.mood.names), w.mood.next)
	if pages < w.backlogs {
		t.Errorf("%d pages of %d backlogs: they have not met the limits", pages, w.backlogs)
	}
	if w.mood.next < len(w.mood.names) {
		t.Logf("too short for all moods")
	}
}
