package relay_test

import (
	"context"
	"fmt"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/nbd-wtf/go-nostr"

	"rhea/engine"
	"rhea/engine/relay"
)

// BenchmarkUnique reads the same events from four relays over sockets of the loopback and checks every signature, the
// relays' side included. go-nostr checks each copy of a subscription on each relay; its pool believes the id that a
// frame claims and drops later copies unread, even when the first one was forged.
func BenchmarkUnique(b *testing.B) {
	const relays, events, authors = 4, 500, 50
	var texts []string
	for i := range events {
		e := sign(b, person(i%authors), nostr.Event{Kind: 1, Content: fmt.Sprint("an ordinary note, as long as such notes are, no. ", i)})
		texts = append(texts, eventJSON(b, e))
	}
	// The last event of each relay is its own: when all of them are there, all copies were read.
	urls, last := make([]string, relays), make(map[string]int)
	for i := range urls {
		e := note(b, fmt.Sprint("last of relay ", i))
		urls[i], last[e.ID] = reciter(b, append(slices.Clone(texts), eventJSON(b, e))), i
	}
	filter := nostr.Filter{Kinds: []int{1}}
	run := func(name string, read func(ctx context.Context) error) {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				ctx, cancel := context.WithTimeout(b.Context(), time.Minute)
				if err := read(ctx); err != nil {
					b.Fatal(err)
				}
				cancel()
			}
			b.ReportMetric(float64(b.N*events)/b.Elapsed().Seconds(), "events/s")
			b.ReportMetric(float64(b.N*events*relays)/b.Elapsed().Seconds(), "frames/s")
		})
	}
	run("same events from four relays", func(ctx context.Context) error {
		ctx, cancel := context.WithCancel(ctx)
		defer cancel()
		var seen atomic.Int64
		n := relay.New(relay.Options{Positions: newPositions()})
		wait, err := n.Subscribe(ctx, engine.Query{
			Stream: "bench", Relays: urls, Filters: nostr.Filters{filter}, Concurrency: runtime.GOMAXPROCS(0),
		}, func(_ context.Context, r engine.Received) error {
			if err := r.Verify(); err != nil {
				return err
			}
			if seen.Add(1) == events+relays {
				cancel()
			}
			return nil
		})
		if err == nil {
			wait()
		}
		if got := seen.Load(); err == nil && got != events+relays {
			err = fmt.Errorf("%d events were delivered", got)
		}
		if closed := n.Close(); err == nil {
			err = closed
		}
		return err
	})
	run("go-nostr pool that believes claimed ids", func(ctx context.Context) error {
		ctx, cancel := context.WithCancel(ctx)
		defer cancel()
		left := relays
		for e := range nostr.NewSimplePool(ctx).SubscribeMany(ctx, slices.Clone(urls), filter) {
			if _, ok := last[e.ID]; ok {
				left--
			}
			if left == 0 {
				return nil
			}
		}
		return ctx.Err()
	})
	run("baseline go-nostr", func(ctx context.Context) error {
		var all sync.WaitGroup
		failed := make(chan error, relays)
		for _, url := range urls {
			all.Go(func() { failed <- readAll(ctx, url, filter, last) })
		}
		all.Wait()
		for range urls {
			if err := <-failed; err != nil {
				return err
			}
		}
		return nil
	})
}

// readAll reads from one relay with go-nostr until the last event.
func readAll(ctx context.Context, url string, filter nostr.Filter, last map[string]int) error {
	r, err := nostr.RelayConnect(ctx, url)
	if err != nil {
		return err
	}
	defer func() { _ = r.Close() }() // It is over.
	sub, err := r.Subscribe(ctx, nostr.Filters{filter})
	if err != nil {
		return err
	}
	for e := range sub.Events {
		if _, ok := last[e.ID]; ok {
			return nil
		}
	}
	return ctx.Err()
}
