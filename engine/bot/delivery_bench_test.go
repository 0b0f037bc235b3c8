package bot_test

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/nbd-wtf/go-nostr"

	"rhea/engine"
	"rhea/engine/bot"
	"rhea/engine/identity"
	keys "rhea/engine/key"
	"rhea/engine/ledger/memory"
	"rhea/engine/ledger/sqlite"
	"rhea/engine/relay"
	"rhea/engine/relay/relaytest"
)

// tally is an observer that counts what was accepted.
type tally struct{ left sync.WaitGroup }

func (t *tally) Decided(engine.Decision, []nostr.Event) {}

func (t *tally) Settled(_ engine.Delivery, s engine.Settlement) {
	if s.State == engine.Accepted {
		t.left.Done()
	}
}

// crowd is a trigger that emits n signals, as many at a time as a busy listener has.
type crowd struct {
	n     int
	start chan struct{}
}

func (c *crowd) Run(ctx context.Context, in engine.Intake) error {
	<-c.start
	var emitters sync.WaitGroup
	var last atomic.Int64
	errs := make(chan error, 64)
	for range cap(errs) {
		emitters.Go(func() {
			for i := last.Add(1); i <= int64(c.n); i = last.Add(1) {
				if err := in.Emit(ctx, engine.Signal{Key: fmt.Sprint(i), Time: time.Now(), Data: &noteData{}}); err != nil {
					errs <- err
					return
				}
			}
		})
	}
	emitters.Wait()
	select {
	case err := <-errs:
		return err
	case <-ctx.Done():
		return nil
	}
}

// instant is a publisher whose relays accept at once.
type instant struct{}

func (instant) Publish(context.Context, string, nostr.Event) error { return nil }

// BenchmarkDelivery carries signals to accepted notes: gates, signature, commit, drain. "nothing" is a relay that
// accepts at once, "loopback" the honest relay behind a socket, which checks signatures itself.
func BenchmarkDelivery(b *testing.B) {
	for _, store := range []string{"memory", "sqlite"} {
		for _, wire := range []string{"nothing", "loopback"} {
			for _, relays := range []int{1, 3} {
				b.Run(fmt.Sprintf("%s/%s/relays=%d", store, wire, relays), func(b *testing.B) { deliver(b, load{store: store, wire: wire, relays: relays, authors: 1}) })
			}
		}
	}
}

// BenchmarkDistantRelay measures how many notes a second a relay takes whose answers are on their way for so long, the
// first ones included, which show that it takes more than one at a time. The baseline is a loop by go-nostr that waits
// for each answer.
func BenchmarkDistantRelay(b *testing.B) {
	for _, delay := range []string{"20ms", "80ms"} {
		for _, authors := range []int{1, 16} {
			b.Run(fmt.Sprintf("%s/authors=%d", delay, authors), func(b *testing.B) {
				deliver(b, load{store: "sqlite", wire: delay, relays: 1, authors: authors})
			})
		}
		b.Run(delay+"/baseline go-nostr", func(b *testing.B) { oneByOne(b, delay) })
	}
}

// oneByOne publishes with go-nostr, each note when the one before is accepted.
func oneByOne(b *testing.B, wire string) {
	delay, err := time.ParseDuration(wire)
	if err != nil {
		b.Fatal(err)
	}
	r, err := nostr.RelayConnect(b.Context(), relaytest.New(b, (&far{delay: delay}).behaviour()).URL())
	if err != nil {
		b.Fatal(err)
	}
	notes := 0
	for b.Loop() {
		if notes++; notes > 20 {
			continue // More would say the same.
		}
		e := nostr.Event{Kind: 1, CreatedAt: nostr.Now(), Content: fmt.Sprint("hello ", notes)}
		if err := errors.Join(e.Sign(botKey), r.Publish(b.Context(), e)); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(min(notes, 20))/b.Elapsed().Seconds(), "notes/s")
	_ = r.Close() // It is over.
}

// load is what is delivered: kept in which store, to how many relays, by how many authors, each with a rule of its own.
// The wire is nothing, loopback, or how long the answers of a relay are on their way.
type load struct {
	store, wire     string
	relays, authors int
}

func deliver(b *testing.B, of load) {
	var ledger engine.Ledger = memory.New()
	if of.store == "sqlite" {
		l, err := sqlite.Open(filepath.Join(b.TempDir(), "rhea.db"), sqlite.Options{})
		if err != nil {
			b.Fatal(err)
		}
		ledger = l
	}
	defer func() {
		if err := ledger.Close(); err != nil {
			b.Error(err)
		}
	}()
	done, start := new(tally), make(chan struct{})
	var publisher engine.Publisher = instant{}
	if of.wire != "nothing" {
		network := relay.New(relay.Options{})
		defer func() {
			if err := network.Close(); err != nil {
				b.Error(err)
			}
		}()
		publisher = network
	}
	rules, identities := of.rules(b, start)
	e, err := bot.New(bot.Options{
		Rules: rules, Identities: identity.New(identity.Options{Configured: identities}),
		Ledger: ledger, Publisher: publisher, Observer: done,
	})
	if err != nil {
		b.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- e.Run(ctx) }()
	done.left.Add(b.N * of.relays)
	b.ReportAllocs()
	b.ResetTimer()
	close(start)
	done.left.Wait()
	b.StopTimer()
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "notes/s")
	cancel()
	if err := <-ended; err != nil {
		b.Error(err)
	}
}

// urls are the addresses of the relays.
func (of load) urls(b *testing.B) []string {
	urls := make([]string, of.relays)
	for i := range urls {
		urls[i] = fmt.Sprintf("wss://%d.example", i)
		switch delay, err := time.ParseDuration(of.wire); {
		case err == nil:
			urls[i] = relaytest.New(b, (&far{delay: delay}).behaviour()).URL()
		case of.wire == "loopback":
			urls[i] = relaytest.New(b).URL()
		}
	}
	return urls
}

// rules say b.N notes among them when start is closed.
func (of load) rules(b *testing.B, start chan struct{}) (rules []engine.Rule, identities map[string]engine.Identity) {
	b.Helper()
	plenty := []engine.Rate{{Count: 1 << 30, Per: time.Hour}}
	urls := of.urls(b)
	identities = make(map[string]engine.Identity)
	for i := range of.authors {
		name := fmt.Sprint("author-", i)
		signs, err := keys.NewSigner(engine.NewSecret(fmt.Sprintf("%064x", i+1)))
		if err != nil {
			b.Fatal(err)
		}
		identities[name] = engine.Identity{Name: name, Signer: signs, FloodStop: plenty}
		v := &crowd{n: (b.N + i) / of.authors, start: start}
		rules = append(rules, engine.Rule{
			Name: name, Identity: name, Quorum: 1, FloodStop: plenty, Relays: urls,
			Retry: engine.Retry{Initial: time.Second, Max: time.Minute},
			Triggers: []engine.RuleTrigger{{
				Kind: engine.NewTriggerKind[struct{}, noteData]("crowd", struct{}{}, func(struct{}, engine.Setup) (engine.Trigger, error) {
					return v, nil
				}),
				Config: struct{}{},
			}},
			Steps: []engine.Step{{Kind: "say", Action: actionFunc(func(_ context.Context, run engine.Run) (engine.Result, error) {
				return engine.Result{Drafts: []engine.Draft{{Kind: 1, Content: "hello " + run.IdempotencyKey}}}, nil
			})}},
		})
	}
	return rules, identities
}
