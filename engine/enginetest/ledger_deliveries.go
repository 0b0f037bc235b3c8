package enginetest

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strconv"
	"sync"
	"sync/atomic"
	"testing/synctest"
	"time"

	"rhea/engine"
)

func deliveryFields(b *bench) {
	l := b.open()
	e := entry("k", relayA)
	e.Deliveries[0].Quorum = 3
	e.Deliveries[0].Committed = time.Now().Add(-time.Minute)
	b.commit(l, e, true)
	for range 2 {
		l = b.reopen(l)
	}
	got := b.drain(l, time.Minute, accept)
	if len(got.list) != 1 {
		b.Fatalf("%d deliveries, want 1", len(got.list))
	}
	d, want := got.list[0], e.Deliveries[0]
	if d.Rule != want.Rule || d.Relay != want.Relay || d.Retry != want.Retry || d.Quorum != want.Quorum ||
		!d.Committed.Equal(want.Committed) || d.State != engine.Pending || d.Attempts != 0 || d.Reason != "" {
		b.Errorf("got  %+v\nwant %+v", d, want)
	}
	if d.Event.String() != want.Event.String() {
		b.Errorf("the event changed:\n%s\n%s", d.Event, want.Event)
	}
}

func relayOrder(b *bench) {
	l := b.open()
	var want []string
	for i := range 100 {
		e := entry(strconv.Itoa(i), relayA)
		second := entry(fmt.Sprint(i, "b"), relayA)
		e.Deliveries = append(e.Deliveries, second.Deliveries...)
		b.commit(l, e, true)
		want = append(want, e.Key, second.Key)
	}
	l = b.reopen(l)
	if got := b.drain(l, time.Hour, accept).keys(); !slices.Equal(got, want) {
		b.Errorf("order is %q", got)
	}
}

// commitsMeanwhile commits while relays are being served, at times more than a ledger may want to remember, and has
// every seventh delivery tried twice.
func commitsMeanwhile(b *bench) {
	l := b.open()
	const commits = 300
	b.commit(l, entry("before", relayA, relayB), true)
	ctx, cancel := context.WithTimeout(b.Context(), time.Hour)
	defer cancel()
	got := map[string][]string{}
	var mu sync.Mutex
	done := make(chan error, 1)
	go func() {
		done <- l.Drain(ctx, nil, func(_ context.Context, d engine.Delivery, _ func()) engine.Settlement {
			pass(50 * time.Millisecond)
			n, err := strconv.Atoi(d.Event.Content)
			if err == nil && n%7 == 0 && d.Attempts == 0 {
				return engine.Settlement{State: engine.Retrying, Next: time.Now().Add(time.Duration(n) * time.Second)}
			}
			mu.Lock()
			defer mu.Unlock()
			got[d.Relay] = append(got[d.Relay], d.Event.Content)
			return accept(d)
		})
	}()
	for i := range commits {
		if i%100 == 0 {
			pass(time.Minute)
		}
		b.commit(l, entry(strconv.Itoa(i), relayA, relayB), true)
	}
	if err := <-done; err != nil {
		b.Fatal(err)
	}
	for relay, keys := range got {
		first := slices.DeleteFunc(slices.Clone(keys), func(k string) bool {
			n, err := strconv.Atoi(k)
			return err != nil || n%7 == 0
		})
		inOrder := slices.IsSortedFunc(first, func(x, y string) int {
			return cmp.Or(cmp.Compare(len(x), len(y)), cmp.Compare(x, y))
		})
		slices.Sort(keys)
		if len(keys) != commits+1 || len(slices.Compact(keys)) != commits+1 || !inOrder {
			b.Errorf("%s got %d of %d, in order %t", relay, len(slices.Compact(keys)), commits+1, inOrder)
		}
	}
}

func slowRelay(b *bench) {
	l := b.open()
	for i := range 50 {
		b.commit(l, entry(strconv.Itoa(i), relayA, relayB), true)
	}
	ctx, cancel := context.WithCancel(b.Context())
	var fast atomic.Int32
	done := make(chan error, 1)
	go func() {
		done <- l.Drain(ctx, nil, func(ctx context.Context, d engine.Delivery, _ func()) engine.Settlement {
			if d.Relay == relayA {
				<-ctx.Done()
				return engine.Settlement{State: engine.Pending}
			}
			fast.Add(1)
			return accept(d)
		})
	}()
	pass(time.Minute)
	b.commit(l, entry("late", relayA, relayB), true)
	pass(time.Minute)
	if fast.Load() != 51 {
		b.Errorf("%d deliveries to the other relay, want 51", fast.Load())
	}
	cancel()
	if err := <-done; err != nil {
		b.Errorf("drain: %v", err)
	}
}

func retryPasses(b *bench) {
	l := b.open()
	for _, k := range []string{"1", "2", "3"} {
		b.commit(l, entry(k, relayA), true)
	}
	start := time.Now()
	var again time.Duration
	got := b.drain(l, time.Hour, func(d engine.Delivery) engine.Settlement {
		if d.Event.Content == "1" && d.Attempts == 0 {
			return engine.Settlement{State: engine.Retrying, Next: time.Now().Add(10 * time.Second), Reason: "later"}
		}
		if d.Event.Content == "1" {
			again = time.Since(start)
			if d.State != engine.Retrying || d.Attempts != 1 || d.Reason != "later" {
				b.Errorf("the second try says %s, %d, %q", d.State, d.Attempts, d.Reason)
			}
		}
		return accept(d)
	})
	if want := []string{"1", "2", "3", "1"}; !slices.Equal(got.keys(), want) {
		b.Errorf("order is %q, want %q", got.keys(), want)
	}
	if again < 10*time.Second || again > 12*time.Second {
		b.Errorf("the retry came after %v, want 10s", again)
	}
}

func retryOrder(b *bench) {
	l := b.open()
	for _, k := range []string{"1", "2", "3"} {
		b.commit(l, entry(k, relayA), true)
	}
	wait := map[string]time.Duration{"1": 3 * time.Minute, "2": time.Minute, "3": 2 * time.Minute}
	b.drain(l, time.Second, func(d engine.Delivery) engine.Settlement {
		return engine.Settlement{State: engine.Retrying, Next: time.Now().Add(wait[d.Event.Content])}
	})
	b.commit(l, entry("4", relayA), true)
	pass(time.Hour)
	if got := b.drain(l, time.Minute, accept).keys(); !slices.Equal(got, []string{"1", "2", "3", "4"}) {
		b.Errorf("order is %q", got)
	}
}

func retrySurvives(b *bench) {
	l := b.open()
	b.commit(l, entry("k", relayA), true)
	b.drain(l, time.Second, func(engine.Delivery) engine.Settlement {
		return engine.Settlement{State: engine.Retrying, Next: time.Now().Add(time.Hour), Reason: "first \x00\xff"}
	})
	l = b.crash()
	if got := b.drain(l, 59*time.Minute, accept).keys(); len(got) != 0 {
		b.Errorf("handed out %q before its time", got)
	}
	l = b.crash()
	got := b.drain(l, time.Hour, accept)
	if len(got.list) != 1 || got.list[0].Attempts != 1 || got.list[0].State != engine.Retrying {
		b.Errorf("handed out %+v", got.list)
	}
}

func pendingTry(b *bench) {
	l := b.open()
	b.commit(l, entry("k", relayA), true)
	b.commit(l, entry("l", relayA), true)
	got := b.drain(l, 10*time.Second, func(engine.Delivery) engine.Settlement {
		return engine.Settlement{State: engine.Pending}
	})
	if n := len(got.list); n == 0 || n > 1000 {
		b.Errorf("%d tries in ten seconds", n)
	}
	l = b.reopen(l)
	got = b.drain(l, time.Minute, accept)
	if !slices.Equal(got.keys(), []string{"k", "l"}) || got.list[0].Attempts != 0 {
		b.Errorf("handed out %+v", got.list)
	}
}

func commitWakes(b *bench) {
	l := b.open()
	ctx, cancel := context.WithCancel(b.Context())
	handed := make(chan engine.Delivery)
	done := make(chan error, 1)
	go func() {
		done <- l.Drain(ctx, nil, func(_ context.Context, d engine.Delivery, _ func()) engine.Settlement {
			handed <- d
			return accept(d)
		})
	}()
	for i := range 10 {
		pass(time.Hour)
		start := time.Now()
		b.commit(l, entry(strconv.Itoa(i), relayA), true)
		if d := <-handed; d.Event.Content != strconv.Itoa(i) {
			b.Errorf("handed out %q", d.Event.Content)
		}
		if took := time.Since(start); took > time.Second {
			b.Errorf("woke after %v", took)
		}
	}
	cancel()
	if err := <-done; err != nil {
		b.Errorf("drain: %v", err)
	}
}

func drainStops(b *bench) {
	l := b.open()
	b.commit(l, entry("k", relayA), true)
	b.commit(l, entry("l", relayA), true)
	ctx, cancel := context.WithCancel(b.Context())
	var returned atomic.Bool
	done := make(chan error, 1)
	go func() {
		done <- l.Drain(ctx, nil, func(ctx context.Context, d engine.Delivery, _ func()) engine.Settlement {
			<-ctx.Done()
			pass(5 * time.Second)
			returned.Store(true)
			return accept(d)
		})
	}()
	pass(time.Second)
	cancel()
	if err := <-done; err != nil {
		b.Errorf("drain: %v", err)
	}
	if !returned.Load() {
		b.Error("the drain returned before the call under way")
	}
	if got := b.drain(l, time.Minute, accept).keys(); !slices.Equal(got, []string{"l"}) {
		b.Errorf("handed out %q afterwards, want l", got)
	}
}

func drainIdle(b *bench) {
	l := b.open()
	ctx, cancel := context.WithCancel(b.Context())
	done := make(chan error, 1)
	go func() {
		done <- l.Drain(ctx, nil, func(_ context.Context, d engine.Delivery, _ func()) engine.Settlement { return accept(d) })
	}()
	synctest.Wait()
	cancel()
	if err := <-done; err != nil {
		b.Errorf("drain: %v", err)
	}
}

func settledStays(b *bench) {
	l := b.open()
	states := []engine.DeliveryState{engine.Accepted, engine.Rejected, engine.GivenUp}
	for _, s := range states {
		b.commit(l, entry(string(s), relayA), true)
	}
	b.drain(l, time.Minute, func(d engine.Delivery) engine.Settlement {
		return engine.Settlement{State: engine.DeliveryState(d.Event.Content), Reason: "because"}
	})
	l = b.crash()
	if got := b.drain(l, time.Hour, accept).keys(); len(got) != 0 {
		b.Errorf("handed out %q again", got)
	}
	o, ok := l.(outbox)
	if !ok {
		return
	}
	for _, s := range states {
		n := 0
		for d, err := range o.Deliveries(b.Context(), s) {
			n++
			if err != nil || d.State != s || d.Reason != "because" || d.Attempts != 1 || d.Event.Content != string(s) {
				b.Errorf("%s is listed as %+v, %v", s, d, err)
			}
		}
		if n != 1 {
			b.Errorf("%d deliveries are listed as %s, want 1", n, s)
		}
	}
}
