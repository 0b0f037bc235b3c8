package cmd_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/nbd-wtf/go-nostr"

	"rhea/engine"
	"rhea/engine/bot"
	"rhea/engine/config"
	"rhea/engine/identity"
	"rhea/engine/key"
	"rhea/engine/ledger/sqlite"
	"rhea/engine/relay"
)

// distinctRules are n rules, every second one about mentions and the others each about a hashtag of its own. Each has a
// condition of its own.
func distinctRules(n int, relay string) []byte {
	var b strings.Builder
	fmt.Fprintf(&b, "version: 1\nidentities: { main: { key: { env: BOT_NSEC }, profile: false } }\nrelays: [ %q ]\nrules:\n", relay)
	for i := range n {
		trigger := "mention: {}"
		if i%2 == 1 {
			trigger = fmt.Sprintf("hashtag: { any: [ topic%d ] }", i)
		}
		fmt.Fprintf(&b, "  - name: rule-%[1]d\n    trigger: { %[2]s }\n    if: event.content contains \"word %[1]d \"\n"+
			"    actions: [ { reply: { content: \"You said ${{ event.content }}\" } } ]\n", i, trigger)
	}
	return []byte(b.String())
}

// decisions counts what became of signals.
type decisions struct{ made atomic.Int64 }

func (d *decisions) Decided(engine.Decision, []nostr.Event) { d.made.Add(1) }

func (d *decisions) Settled(engine.Delivery, engine.Settlement) {}

// ruleWorld is a bot of many rules in this process, on one relay.
type ruleWorld struct {
	tb        testing.TB
	rules     int
	relay     *nullRelay
	decisions decisions
	// loaded is how long reading the configuration took, and started how long all took until the relay was asked for
	// everything.
	loaded, started time.Duration
	// bytes and goroutines are what there is more than before.
	bytes, goroutines int

	mu sync.Mutex
	// subs are the subscriptions by what they ask for: topics, and people as "#p".
	subs map[string][]string
	// asked is closed when there is one for everything.
	asked chan struct{}
}

// topic is a hashtag of distinctRules, or the filter for mentions.
var topic = regexp.MustCompile(`"(topic\d+|#p)"`)

// hear notes a REQ.
func (w *ruleWorld) hear(id, req string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	before := len(w.subs)
	for _, found := range topic.FindAllStringSubmatch(req, -1) {
		w.subs[found[1]] = append(w.subs[found[1]], id)
	}
	if all := w.rules/2 + 1; before < all && len(w.subs) == all {
		close(w.asked)
	}
}

// inUse is what is alive of heap and stacks, and the number of goroutines when that does not change any more.
func inUse() (bytes, goroutines int) {
	for same := 0; same < 10; same++ {
		<-time.After(50 * time.Millisecond)
		if n := runtime.NumGoroutine(); n != goroutines {
			goroutines, same = n, 0
		}
	}
	runtime.GC()
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int(m.HeapAlloc + m.StackInuse), goroutines
}

// runRules runs n rules until the test ends.
func runRules(tb testing.TB, n int) *ruleWorld {
	tb.Helper()
	w := &ruleWorld{tb: tb, rules: n, relay: newNullRelay(tb), subs: make(map[string][]string), asked: make(chan struct{})}
	w.relay.heard = w.hear
	text := distinctRules(n, w.relay.url)
	bytes, goroutines := inUse()
	began := time.Now()
	file, err := config.Parse("bot.yaml", text, config.Options{Kinds: kinds(), LookupEnv: func(string) (string, bool) { return "", false }})
	if err != nil {
		tb.Fatal(err)
	}
	w.loaded = time.Since(began)
	w.run(file.Rules)
	select {
	case <-w.asked:
	case <-time.After(time.Minute):
		tb.Fatal("the relay was not asked for everything")
	}
	w.started = time.Since(began)
	w.bytes, w.goroutines = inUse()
	w.bytes -= bytes
	w.goroutines -= goroutines
	runtime.KeepAlive(file)
	return w
}

// run runs rules with a state of their own.
func (w *ruleWorld) run(rules []engine.Rule) {
	w.tb.Helper()
	signer, err := key.NewSigner(engine.NewSecret(botSecret))
	if err != nil {
		w.tb.Fatal(err)
	}
	ledger, err := sqlite.Open(filepath.Join(w.tb.TempDir(), "rhea.db"), sqlite.Options{})
	if err != nil {
		w.tb.Fatal(err)
	}
	network := relay.New(relay.Options{Positions: ledger})
	b, err := bot.New(bot.Options{
		Rules:      rules,
		Identities: identity.New(identity.Options{Configured: map[string]engine.Identity{"main": {Name: "main", Signer: signer}}}),
		Ledger:     ledger, Journal: ledger, Source: network, Publisher: network, Observer: &w.decisions,
	})
	if err != nil {
		w.tb.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- b.Run(ctx) }()
	w.tb.Cleanup(func() {
		cancel()
		if err := errors.Join(<-ended, network.Close(), ledger.Close()); err != nil {
			w.tb.Error(err)
		}
	})
}

// judge says n events to the bot and returns how much processor time one takes, until so many rules have decided on each.
func (w *ruleWorld) judge(n, deciding int, tag func(i int) (sub string, tag nostr.Tag)) time.Duration {
	w.tb.Helper()
	before := w.decisions.made.Load()
	cpu := cpuOf(os.Getpid())
	for i := range n {
		asked, t := tag(i)
		e := nostr.Event{
			Kind: 1, CreatedAt: nostr.Now(), Content: fmt.Sprint("nothing special ", before, i), Tags: nostr.Tags{t},
			PubKey: fmt.Sprintf("%064x", i), Sig: strings.Repeat("0", 128), // Nobody gets as far as the signature.
		}
		e.ID = e.GetID()
		raw, err := json.Marshal(e)
		if err != nil {
			w.tb.Fatal(err)
		}
		w.mu.Lock()
		subs := slices.Clone(w.subs[asked])
		w.mu.Unlock()
		for _, sub := range subs {
			w.relay.say(sub, raw)
		}
		for w.decisions.made.Load() < before+int64((i-64)*deciding) {
			runtime.Gosched() // No queue may fill.
		}
	}
	for w.decisions.made.Load() < before+int64(n*deciding) {
		<-time.After(time.Millisecond)
	}
	return (cpuOf(os.Getpid()) - cpu) / time.Duration(n)
}

// BenchmarkRules runs many rules and reports what one costs while nothing happens, how long it takes to load and to start
// all of them, and the processor time, that of the relay included, for an event that one rule wants ("match") and for one
// that every second rule wants, per rule ("mention"). The conditions hold for none. The baseline is as many
// subscriptions by go-nostr, one for each rule, which is how a bot with many rules is written by hand.
func BenchmarkRules(b *testing.B) {
	for _, n := range []int{10, 1000, 10_000} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			w := runRules(b, n)
			for b.Loop() { // What it takes is measured apart.
			}
			b.ReportMetric(float64(w.bytes)/float64(n), "bytes/rule")
			b.ReportMetric(float64(w.goroutines)/float64(n), "goroutines/rule")
			b.ReportMetric(float64(w.loaded.Microseconds())/1000, "load-ms")
			b.ReportMetric(float64(w.started.Microseconds())/1000, "start-ms")
			match := w.judge(3000, 1, func(i int) (string, nostr.Tag) {
				t := fmt.Sprint("topic", 2*(i%(n/2))+1)
				return t, nostr.Tag{"t", t}
			})
			pubkey, err := nostr.GetPublicKey(botSecret)
			if err != nil {
				b.Fatal(err)
			}
			mention := w.judge(10, n/2, func(int) (string, nostr.Tag) { return "#p", nostr.Tag{"p", pubkey} })
			b.ReportMetric(float64(match.Nanoseconds())/1000, "match-µs")
			b.ReportMetric(float64(mention.Nanoseconds())/1000/float64(n/2), "mention-µs/rule")
		})
	}
	b.Run("baseline go-nostr", handRules)
}

// handRules has 10,000 subscriptions by go-nostr in the place of rules.
func handRules(b *testing.B) {
	const n = 10_000
	for b.Loop() { // What it takes is measured apart.
	}
	relay := newNullRelay(b)
	bytes, goroutines := inUse()
	began := time.Now()
	r, err := nostr.RelayConnect(b.Context(), relay.url)
	if err != nil {
		b.Fatal(err)
	}
	for i := range n {
		tags := nostr.TagMap{"t": {fmt.Sprint("topic", i)}}
		if _, err := r.Subscribe(b.Context(), nostr.Filters{{Kinds: []int{1}, Tags: tags}}); err != nil {
			b.Fatal(err)
		}
	}
	for relay.questions.Load() < n {
		<-time.After(time.Millisecond)
	}
	b.ReportMetric(float64(time.Since(began).Microseconds())/1000, "start-ms")
	moreBytes, moreGoroutines := inUse()
	b.ReportMetric(float64(moreBytes-bytes)/n, "bytes/rule")
	b.ReportMetric(float64(moreGoroutines-goroutines)/n, "goroutines/rule")
	_ = r.Close() // It is over.
}

// TestIdleRulesAreSmall runs ten rules and a thousand. What they need more are some 7 KB each, and the goroutines of some
// more subscriptions, for a relay bears so many filters in one only.
func TestIdleRulesAreSmall(t *testing.T) {
	few, many := runRules(t, 10), runRules(t, 1000)
	if n := many.goroutines; n > few.goroutines+20 {
		t.Errorf("%d goroutines for 1000 rules, %d for 10", n, few.goroutines)
	}
	if each := (many.bytes - few.bytes) / 990; each > 10<<10 {
		t.Errorf("%d bytes a rule, want 10 KB at most", each)
	}
}
