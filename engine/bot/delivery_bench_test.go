package bot_test

import (
	"context"
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
				b.Run(fmt.Sprintf("%s/%s/relays=%d", store, wire, relays), func(b *testing.B) { deliver(b, store, wire, relays) })
			}
		}
	}
}

// BenchmarkDistantRelay measures goal 11: how many notes a second of one author a relay takes whose answers are on their
// way for so long, the first ones included, which show that it takes more than one at a time.
func BenchmarkDistantRelay(b *testing.B) {
	for _, delay := range []string{"20ms", "80ms"} {
		b.Run(delay, func(b *testing.B) { deliver(b, "sqlite", delay, 1) })
	}
}

// deliver takes as its wire nothing, loopback, or how long the answers of a relay are on their way.
func deliver(b *testing.B, store, wire string, relays int) {
	var ledger engine.Ledger = memory.New()
	if store == "sqlite" {
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
	v, done := &crowd{n: b.N, start: make(chan struct{})}, &tally{}
	signs, err := keys.NewSigner(engine.NewSecret(botKey))
	if err != nil {
		b.Fatal(err)
	}
	plenty := []engine.Rate{{Count: 1 << 30, Per: time.Hour}}
	rule := engine.Rule{
		Name: "rule", Identity: "main", Quorum: 1, FloodStop: plenty, Retry: engine.Retry{Initial: time.Second, Max: time.Minute},
		Triggers: []engine.RuleTrigger{{
			Kind: engine.NewTriggerKind[struct{}, noteData]("crowd", struct{}{}, func(struct{}, engine.Setup) (engine.Trigger, error) {
				return v, nil
			}),
			Config: struct{}{},
		}},
		Steps: []engine.Step{{Kind: "say", Action: actionFunc(func(_ context.Context, run engine.Run) (engine.Result, error) {
			return engine.Result{Drafts: []engine.Draft{{Kind: 1, Content: "hello " + run.IdempotencyKey}}}, nil
		})}},
	}
	var publisher engine.Publisher = instant{}
	if wire != "nothing" {
		network := relay.New(relay.Options{})
		defer func() {
			if err := network.Close(); err != nil {
				b.Error(err)
			}
		}()
		publisher = network
	}
	for i := range relays {
		url := fmt.Sprintf("wss://%d.example", i)
		switch delay, err := time.ParseDuration(wire); {
		case err == nil:
			url = relaytest.New(b, (&far{delay: delay}).behaviour()).URL()
		case wire == "loopback":
			url = relaytest.New(b).URL()
		}
		rule.Relays = append(rule.Relays, url)
	}
	e, err := bot.New(bot.Options{
		Rules:      []engine.Rule{rule},
		Identities: identity.New(identity.Options{Configured: map[string]engine.Identity{"main": {Name: "main", Signer: signs, FloodStop: plenty}}}),
		Ledger:     ledger, Publisher: publisher, Observer: done,
	})
	if err != nil {
		b.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- e.Run(ctx) }()
	done.left.Add(b.N * relays)
	b.ReportAllocs()
	b.ResetTimer()
	close(v.start)
	done.left.Wait()
	b.StopTimer()
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "notes/s")
	cancel()
	if err := <-ended; err != nil {
		b.Error(err)
	}
}
