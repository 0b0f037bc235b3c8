package enginetest

import (
	"context"
	"slices"
	"sync/atomic"
	"testing/synctest"
	"time"

	"rhea/engine"
)

// heldBack holds one delivery back without a try that counts; others pass it.
func heldBack(b *bench) {
	l := b.open()
	for _, k := range []string{"1", "2", "3"} {
		b.commit(l, entry(k, relayA), true)
	}
	held := false
	got := b.drain(l, time.Minute, func(d engine.Delivery) engine.Settlement {
		if d.Event.Content == "1" && !held {
			held = true
			return engine.Settlement{State: engine.Pending, Next: time.Now().Add(time.Hour), Reason: "held"}
		}
		return accept(d)
	})
	if !slices.Equal(got.keys(), []string{"1", "2", "3"}) {
		b.Errorf("handed out %q", got.keys())
	}
	l = b.crash()
	got = b.drain(l, 2*time.Hour, accept)
	if !slices.Equal(got.keys(), []string{"1"}) {
		b.Fatalf("handed out %q, want 1", got.keys())
	}
	if d := got.list[0]; d.Attempts != 0 || d.State != engine.Pending || d.Reason != "held" {
		b.Errorf("what was held back says %s, %d, %q", d.State, d.Attempts, d.Reason)
	}
}

// resting lets a relay rest: nothing is handed out for it, whatever is committed, and order is kept.
func resting(b *bench) {
	l := b.open()
	for _, k := range []string{"1", "2"} {
		b.commit(l, entry(k, relayA, relayB), true)
	}
	start := time.Now()
	var after time.Duration
	go func() {
		pass(30 * time.Second)
		b.commit(l, entry("3", relayA), true)
	}()
	tried := 0
	got := b.drain(l, time.Hour, func(d engine.Delivery) engine.Settlement {
		if d.Relay == relayB {
			return accept(d)
		}
		if tried++; tried == 1 {
			return engine.Settlement{State: engine.Pending, Rest: time.Now().Add(time.Minute)}
		}
		if after == 0 {
			after = time.Since(start)
		}
		return accept(d)
	})
	var toA []string
	for _, d := range got.list {
		if d.Relay == relayA {
			toA = append(toA, d.Event.Content)
		}
	}
	if !slices.Equal(toA, []string{"1", "1", "2", "3"}) {
		b.Errorf("handed out %q", toA)
	}
	if after < time.Minute || after > time.Minute+time.Second {
		b.Errorf("the relay rested for %v, want 1m", after)
	}
}

// restCounts lets a relay rest after a try that counts.
func restCounts(b *bench) {
	l := b.open()
	for _, k := range []string{"1", "2"} {
		b.commit(l, entry(k, relayA), true)
	}
	start := time.Now()
	got := b.drain(l, time.Hour, func(d engine.Delivery) engine.Settlement {
		switch {
		case d.Event.Content == "1" && d.Attempts == 0:
			now := time.Now()
			return engine.Settlement{State: engine.Retrying, Next: now.Add(2 * time.Minute), Rest: now.Add(time.Minute)}
		case d.Event.Content == "2" && time.Since(start) < time.Minute:
			b.Error("the relay did not rest")
		}
		return accept(d)
	})
	if !slices.Equal(got.keys(), []string{"1", "2", "1"}) || got.list[2].Attempts != 1 {
		b.Errorf("handed out %+v", got.list)
	}
}

// wakes ends a rest early, and wakes what need not be woken.
func wakes(b *bench) {
	l := b.open()
	for _, k := range []string{"1", "2"} {
		b.commit(l, entry(k, relayA), true)
	}
	ctx, cancel := context.WithCancel(b.Context())
	wake := make(chan string)
	done := make(chan error, 1)
	var got tries
	var back atomic.Bool
	go func() {
		done <- l.Drain(ctx, wake, func(_ context.Context, d engine.Delivery, _ func()) engine.Settlement {
			got.add(d)
			if !back.Load() {
				return engine.Settlement{State: engine.Pending, Rest: time.Now().Add(time.Hour)}
			}
			return accept(d)
		})
	}()
	pass(time.Minute)
	if n := len(got.keys()); n != 1 {
		b.Errorf("%d tries while the relay rests", n)
	}
	back.Store(true)
	wake <- relayB
	wake <- relayA
	pass(time.Second)
	wake <- relayA
	synctest.Wait()
	if !slices.Equal(got.keys(), []string{"1", "1", "2"}) {
		b.Errorf("handed out %q", got.keys())
	}
	cancel()
	if err := <-done; err != nil {
		b.Errorf("drain: %v", err)
	}
}
