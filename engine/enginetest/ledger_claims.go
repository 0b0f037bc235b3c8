package enginetest

import (
	"context"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"rhea/engine"
)

func freshOnce(b *bench) {
	l := b.open()
	b.seen(l, "rule", "k", false)
	b.commit(l, entry("k"), true)
	b.seen(l, "rule", "k", true)
	b.commit(l, entry("k"), false)
	l = b.reopen(l)
	b.seen(l, "rule", "k", true)
	b.commit(l, entry("k"), false)
}

func claimOfRule(b *bench) {
	l := b.open()
	b.commit(l, entry("k"), true)
	other := entry("k")
	other.Rule = "other"
	b.seen(l, "other", "k", false)
	b.commit(l, other, true)
	joined := entry("")
	joined.Rule, joined.Key = "rulek", ""
	b.commit(l, joined, true)
}

func concurrentClaim(b *bench) {
	l := b.open()
	var fresh atomic.Int32
	var all sync.WaitGroup
	for range 64 {
		all.Go(func() {
			ok, err := l.Commit(b.Context(), entry("k", relayA))
			if err != nil {
				b.Errorf("commit: %v", err)
			}
			if ok {
				fresh.Add(1)
			}
		})
	}
	all.Wait()
	if fresh.Load() != 1 {
		b.Errorf("%d commits of one claim were fresh", fresh.Load())
	}
	if n := len(b.drain(l, time.Minute, accept).keys()); n != 1 {
		b.Errorf("%d deliveries for one claim", n)
	}
}

func concurrentClaims(b *bench) {
	l := b.open()
	var all sync.WaitGroup
	var fresh [50]atomic.Int32
	for i := range 200 {
		all.Go(func() {
			ok, err := l.Commit(b.Context(), entry(strconv.Itoa(i%len(fresh)), relayA, relayB))
			if err != nil {
				b.Errorf("commit: %v", err)
			}
			if ok {
				fresh[i%len(fresh)].Add(1)
			}
		})
	}
	all.Wait()
	for i := range fresh {
		if n := fresh[i].Load(); n != 1 {
			b.Errorf("claim %d was fresh %d times", i, n)
		}
	}
	if n := len(b.drain(l, time.Minute, accept).keys()); n != 2*len(fresh) {
		b.Errorf("%d deliveries, want %d", n, 2*len(fresh))
	}
}

func refusedCommit(b *bench) {
	l := b.open()
	first := entry("k", relayA)
	first.Position = &engine.Position{Stream: "s", Value: "1"}
	b.commit(l, first, true)
	second := entry("k", relayB)
	second.Position = &engine.Position{Stream: "s", Value: "2"}
	b.commit(l, second, false)
	b.position(l, "s", "1")
	got := b.drain(l, time.Minute, accept)
	if len(got.list) != 1 || got.list[0].Relay != relayA {
		b.Errorf("handed out %v", got.list)
	}
	if j, ok := l.(engine.Journal); ok {
		if d, err := j.History(b.Context(), engine.HistoryQuery{}); err != nil || len(d) != 1 {
			b.Errorf("history has %d decisions, %v; want 1", len(d), err)
		}
	}
}

func oddKeys(b *bench) {
	l := b.open()
	keys := []string{
		"", " ", "a\x00b", "a\x00c", "a", "A", "ä", "a\u0308", "'; DROP TABLE claim; --", "\xff\xfe", "%",
		strings.Repeat("x", 10_000),
	}
	for _, k := range keys {
		b.seen(l, "rule", k, false)
		b.commit(l, entry(k), true)
	}
	l = b.reopen(l)
	for _, k := range keys {
		b.seen(l, "rule", k, true)
		b.commit(l, entry(k), false)
	}
}

func keep(b *bench) {
	l := b.open()
	short := entry("short")
	short.Keep = 24 * time.Hour
	b.commit(l, short, true)
	b.commit(l, entry("ever"), true)
	pass(24*time.Hour - time.Minute)
	b.seen(l, "rule", "short", true)
	b.commit(l, short, false)
	pass(10 * 24 * time.Hour)
	l = b.reopen(l)
	pass(24 * time.Hour)
	b.seen(l, "rule", "ever", true)
	b.commit(l, entry("ever"), false)
}

func endedContext(b *bench) {
	l := b.open()
	ctx, cancel := context.WithCancel(b.Context())
	cancel()
	advance(b, l, "s", "1")
	e := entry("k")
	e.Position = &engine.Position{Stream: "s", Value: "2"}
	if fresh, err := l.Commit(ctx, e); err == nil {
		b.Errorf("commit = %v, nil", fresh)
	}
	b.position(l, "s", "1")
	b.commit(l, entry("k"), true)
}

func twoOpeners(b *bench) {
	one := b.open()
	two, err := b.store.Open()
	if err != nil {
		b.commit(one, entry("k"), true)
		if _, err := b.store.Open(); err == nil {
			b.Fatal("a second ledger was refused first and then admitted")
		}
		b.seen(b.reopen(one), "rule", "k", true)
		return
	}
	b.commit(one, entry("k"), true)
	b.seen(two, "rule", "k", true)
	b.commit(two, entry("k"), false)
	b.commit(two, entry("other"), true)
	b.commit(one, entry("other"), false)
}

func closed(b *bench) {
	l := b.open()
	if err := l.Close(); err != nil {
		b.Fatalf("close: %v", err)
	}
	if _, err := l.Commit(b.Context(), entry("k")); err == nil {
		b.Error("commit works")
	}
	if _, err := l.Seen(b.Context(), "rule", "k"); err == nil {
		b.Error("seen works")
	}
	if _, err := l.Position(b.Context(), "s"); err == nil {
		b.Error("position works")
	}
	if err := l.Advance(b.Context(), engine.Position{Stream: "s", Value: "1"}); err == nil {
		b.Error("advance works")
	}
	err := l.Drain(b.Context(), nil, func(context.Context, engine.Delivery, func()) engine.Settlement { return engine.Settlement{} })
	if err == nil {
		b.Error("drain works")
	}
	b.seen(b.open(), "rule", "k", false)
}
