package ledger_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"rhea/engine"
	"rhea/engine/ledger"
	"rhea/engine/ledger/memory"
)

// TestManyRelays owes to more relays than are served at a time, each of them slow.
func TestManyRelays(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		const relays = 1500
		l := memory.New()
		owe(t, l, relays)
		var running, most, done atomic.Int32
		ctx, cancel := context.WithTimeout(t.Context(), time.Hour)
		defer cancel()
		err := l.Drain(ctx, nil, func(context.Context, engine.Delivery, func()) engine.Settlement {
			if n := running.Add(1); n > most.Load() {
				most.Store(n)
			}
			<-time.After(time.Minute)
			running.Add(-1)
			done.Add(1)
			return engine.Settlement{State: engine.Accepted}
		})
		if err != nil || done.Load() != relays {
			t.Errorf("%d of %d delivered, %v", done.Load(), relays, err)
		}
		if most.Load() < 100 || most.Load() > 512 {
			t.Errorf("%d relays were served at a time", most.Load())
		}
	})
}

func TestOneDrain(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		l := memory.New()
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan error)
		go func() { done <- l.Drain(ctx, nil, accept) }()
		synctest.Wait()
		if err := l.Drain(ctx, nil, accept); err == nil || !strings.Contains(err.Error(), "drained already") {
			t.Errorf("a second drain returns %v", err)
		}
		cancel()
		if err := <-done; err != nil {
			t.Error(err)
		}
		ctx, cancel = context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if err := l.Drain(ctx, nil, accept); err != nil {
			t.Errorf("a later drain: %v", err)
		}
	})
}

// failing is a queue that cannot store settlements while it is ill.
type failing struct {
	ledger.Queue
	ill error
}

func (f *failing) Settle(t ledger.Settled, stored func(error)) {
	if f.ill != nil {
		stored(f.ill)
		return
	}
	f.Queue.Settle(t, stored)
}

// TestQueueFault cannot store what became of deliveries. The drain must end after the running calls and can be begun again.
func TestQueueFault(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		store := memory.NewStore()
		owe(t, store.Open(), 10)
		queue := &failing{Queue: store, ill: errors.New("the disk is ill")}
		drainer := ledger.NewDrainer(queue)
		var running atomic.Int32
		err := drainer.Run(t.Context(), nil, func(ctx context.Context, d engine.Delivery, _ func()) engine.Settlement {
			running.Add(1)
			defer running.Add(-1)
			if d.Relay != "wss://3.example" {
				<-ctx.Done()
			}
			return engine.Settlement{State: engine.Accepted}
		})
		if !errors.Is(err, queue.ill) || running.Load() != 0 {
			t.Errorf("the drain ended with %v and %d running calls", err, running.Load())
		}
		queue.ill = nil
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		var again atomic.Int32
		err = drainer.Run(ctx, nil, func(ctx context.Context, d engine.Delivery, _ func()) engine.Settlement {
			again.Add(1)
			return engine.Settlement{State: engine.Accepted}
		})
		if err != nil || again.Load() != 10 {
			t.Errorf("%d delivered afterwards, %v; all were owed still", again.Load(), err)
		}
	})
}

// TestCommitsAtTheStart tells a drain that is just beginning what is committed.
func TestCommitsAtTheStart(t *testing.T) {
	t.Parallel()
	for range 300 {
		drainer := ledger.NewDrainer(memory.NewStore())
		ctx, cancel := context.WithCancel(t.Context())
		busy := make(chan struct{})
		var commits sync.WaitGroup
		commits.Go(func() {
			defer cancel()
			for n := range 5000 {
				drainer.Owe(ledger.Owed{ID: int64(n), Delivery: engine.Delivery{Relay: "wss://a.example"}})
				if n == 100 {
					close(busy)
				}
			}
		})
		<-busy
		if err := drainer.Run(ctx, nil, accept); err != nil {
			t.Error(err)
		}
		commits.Wait()
	}
}

func TestText(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"":                        "",
		"blocked: 🦤":              "blocked: 🦤",
		"a\x00b\xff":              "a\uFFFDb\uFFFD",
		strings.Repeat("x", 1024): strings.Repeat("x", 1024),
		strings.Repeat("x", 5000): strings.Repeat("x", 1024) + "…",
	} {
		if got := ledger.Text(in); got != want {
			t.Errorf("%q becomes %q", in, got)
		}
	}
}

// BenchmarkDrain delivers to eight relays that accept at once, out of memory.
func BenchmarkDrain(b *testing.B) {
	l := memory.New()
	for n := range b.N {
		_, err := l.Commit(b.Context(), engine.Entry{
			Key: fmt.Sprint(n), Deliveries: []engine.Delivery{{Relay: fmt.Sprint(n % 8)}},
		})
		if err != nil {
			b.Fatal(err)
		}
	}
	ctx, cancel := context.WithCancel(b.Context())
	var delivered atomic.Int64
	b.ResetTimer()
	err := l.Drain(ctx, nil, func(context.Context, engine.Delivery, func()) engine.Settlement {
		if delivered.Add(1) == int64(b.N) {
			cancel()
		}
		return engine.Settlement{State: engine.Accepted}
	})
	if err != nil {
		b.Fatal(err)
	}
}

func accept(context.Context, engine.Delivery, func()) engine.Settlement {
	return engine.Settlement{State: engine.Accepted}
}

// owe commits an entry for each of so many relays.
func owe(t *testing.T, l engine.Ledger, relays int) {
	t.Helper()
	for n := range relays {
		relay := fmt.Sprintf("wss://%d.example", n)
		fresh, err := l.Commit(t.Context(), engine.Entry{
			Rule: "r", Key: relay, Deliveries: []engine.Delivery{{Relay: relay}},
		})
		if err != nil || !fresh {
			t.Fatalf("commit = %v, %v", fresh, err)
		}
	}
}
