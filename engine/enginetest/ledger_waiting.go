package enginetest

import (
	"fmt"
	"slices"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"rhea/engine"
)

// waiting returns the keys of what waits for a rule, or for any, asked for in small portions.
func waiting(b *bench, l engine.Ledger, rule string) (keys []string) {
	b.Helper()
	for behind := int64(0); ; {
		page, err := l.Waiting(b.Context(), rule, behind, 2)
		if err != nil {
			b.Fatalf("Waiting: %v", err)
		}
		for _, w := range page {
			if w.Number <= behind || rule != "" && w.Rule != rule || w.Signal != "signal of "+w.Key {
				b.Errorf("waiting behind %d is %+v", behind, w)
			}
			behind = w.Number
			keys = append(keys, w.Key)
		}
		if len(page) < 2 {
			return keys
		}
	}
}

func waits(b *bench) {
	l := b.open()
	for i := range 5 {
		key := strconv.Itoa(i)
		b.commit(l, engine.Entry{Rule: "r", Key: key, Wait: "signal of " + key}, true)
	}
	b.commit(l, engine.Entry{Rule: "r", Key: "3", Wait: "signal of 3"}, false)
	b.commit(l, engine.Entry{Rule: "other", Key: "3", Wait: "signal of 3"}, true)
	b.commit(l, engine.Entry{Rule: "r", Key: "done"}, true)
	if got := waiting(b, l, "r"); !slices.Equal(got, []string{"0", "1", "2", "3", "4"}) {
		b.Errorf("waiting is %q", got)
	}
	b.seen(l, "r", "3", true)
	ends := func(key string, fresh bool) {
		b.Helper()
		e := entry(key, relayA)
		e.Rule, e.Waited = "r", true
		b.commit(l, e, fresh)
	}
	ends("3", true)
	ends("3", false)
	ends("done", false)
	ends("none", false)
	b.seen(l, "r", "none", false)
	b.seen(l, "r", "3", true)
	b.commit(l, engine.Entry{Rule: "r", Key: "3", Wait: "signal of 3"}, false)
	if got := waiting(b, l, "r"); !slices.Equal(got, []string{"0", "1", "2", "4"}) {
		b.Errorf("after one has ended waiting is %q", got)
	}
	if got := waiting(b, l, "other"); !slices.Equal(got, []string{"3"}) {
		b.Errorf("waiting for the other rule is %q", got)
	}
	if got := waiting(b, l, ""); !slices.Equal(got, []string{"0", "1", "2", "4", "3"}) {
		b.Errorf("waiting for any rule is %q", got)
	}
}

// runsAgain puts signals that failed into the queue once more, each under the claim that it has.
func runsAgain(b *bench) {
	l := b.open()
	again := func(key string, fresh bool) {
		b.Helper()
		e := engine.Entry{Rule: "r", Key: key, Wait: "signal of " + key, Again: true, Position: &engine.Position{Stream: "s/" + key}}
		b.commit(l, e, fresh)
	}
	b.commit(l, engine.Entry{Rule: "r", Key: "a", Drawn: []engine.Position{{Stream: "s/a", Value: "failed"}}}, true)
	kept := func(key string) []engine.Position { return []engine.Position{{Stream: "s/" + key, Value: "failed"}} }
	advance := func(p engine.Position) {
		b.Helper()
		if err := l.Advance(b.Context(), p); err != nil {
			b.Fatalf("Advance: %v", err)
		}
	}
	fails := func(key string) { advance(kept(key)[0]) }
	fails("never claimed")
	again("never claimed", false)
	b.commit(l, engine.Entry{Rule: "r", Key: "forgotten", Keep: time.Second, Drawn: kept("forgotten")}, true)
	<-time.After(2 * time.Second)
	again("forgotten", false)
	b.commit(l, engine.Entry{Rule: "r", Key: "published"}, true)
	again("published", false)
	again("a", true)
	b.position(l, "s/a", "")
	again("a", false)
	l = b.crash()
	again("a", false)
	fails("a")
	again("a", false) // It waits.
	if got := waiting(b, l, "r"); !slices.Equal(got, []string{"a"}) {
		b.Errorf("waiting is %q", got)
	}
	advance(engine.Position{Stream: "s/a"})
	b.commit(l, engine.Entry{Rule: "r", Key: "a"}, false)
	b.commit(l, engine.Entry{Rule: "r", Key: "a", Waited: true}, true)
	b.commit(l, engine.Entry{Rule: "r", Key: "a", Waited: true}, false)
	again("a", false) // It has run, and nothing says that it failed.
	fails("a")
	again("a", true)
	b.commit(l, engine.Entry{Rule: "r", Key: "a", Waited: true}, true)
	again("a", false)
}

// runsAgainAtOnce gives many orders for one signal that failed, while it runs.
func runsAgainAtOnce(b *bench) {
	l := b.open()
	b.commit(l, engine.Entry{Rule: "r", Key: "a", Drawn: []engine.Position{{Stream: "s/a", Value: "failed"}}}, true)
	var fresh, ran atomic.Int32
	var orders sync.WaitGroup
	for range 20 {
		orders.Go(func() {
			ok, err := l.Commit(b.Context(), engine.Entry{
				Rule: "r", Key: "a", Wait: "signal of a", Again: true, Position: &engine.Position{Stream: "s/a"},
			})
			if err != nil {
				b.Errorf("Commit: %v", err)
			}
			if !ok {
				return
			}
			fresh.Add(1)
			if ok, err = l.Commit(b.Context(), engine.Entry{Rule: "r", Key: "a", Waited: true}); err != nil || !ok {
				b.Errorf("it ran: %v, %v", ok, err)
			}
			ran.Add(1)
		})
	}
	orders.Wait()
	if fresh.Load() != 1 || ran.Load() != 1 {
		b.Errorf("%d orders were carried out, %d runs", fresh.Load(), ran.Load())
	}
}

func waitsSurvive(b *bench) {
	l := b.open()
	b.commit(l, engine.Entry{Rule: "r", Key: "a", Wait: "signal of a"}, true)
	b.commit(l, engine.Entry{Rule: "r", Key: "b", Wait: "signal of b"}, true)
	l = b.crash()
	b.seen(l, "r", "a", true)
	e := entry("a", relayA)
	e.Rule, e.Waited = "r", true
	b.commit(l, e, true)
	l = b.crash()
	if got := waiting(b, l, "r"); !slices.Equal(got, []string{"b"}) {
		b.Errorf("after a crash waiting is %q", got)
	}
	b.commit(l, e, false)
}

// waitsEnd lets more wait than a ledger looks at in one go, for as long as a signal may and then longer.
func waitsEnd(b *bench) {
	const first = 120
	l := b.open()
	begins := func(rule, key string) {
		b.Helper()
		text := fmt.Sprintf(`{"trigger":"mention","at":%q}`, time.Now().Format(time.RFC3339Nano))
		b.commit(l, engine.Entry{Rule: rule, Key: key, Wait: text}, true)
	}
	// It says of what cannot be read neither since when it waits nor what it is, and keeps it.
	b.commit(l, engine.Entry{Rule: "strange", Key: "strange", Wait: "{}"}, true)
	since := time.Now()
	for i := range first {
		begins("gone", strconv.Itoa(i))
	}
	<-time.After(2 * 24 * time.Hour)
	begins("r", "young")
	keys := func() (keys []string) {
		b.Helper()
		all, err := l.Waiting(b.Context(), "", 0, 1000)
		if err != nil {
			b.Fatalf("Waiting: %v", err)
		}
		for _, w := range all {
			keys = append(keys, w.Key)
		}
		return keys
	}
	<-time.After(engine.MaxWait - 2*24*time.Hour - time.Hour)
	if got := keys(); len(got) != first+2 {
		b.Errorf("before the end %d wait", len(got))
	}
	<-time.After(4 * time.Hour)
	if got := keys(); !slices.Equal(got, []string{"strange", "young"}) {
		b.Errorf("after the end %q wait", got)
	}
	b.seen(l, "gone", "7", true)
	b.commit(l, engine.Entry{Rule: "gone", Key: "7", Waited: true}, false)
	j, ok := l.(engine.Journal)
	if !ok {
		return
	}
	told, err := j.History(b.Context(), engine.HistoryQuery{Rule: "gone", Outcome: engine.RateLimited, Limit: 1000})
	if err != nil || len(told) != first {
		b.Fatalf("the history tells of %d ends, %v", len(told), err)
	}
	want := "dropped after more than 30 days; waited since " + since.UTC().Format(time.RFC3339)
	if d := told[first-1]; d.Key != "0" || d.Trigger != "mention" || d.Reason != want {
		b.Errorf("the history tells %+v, want the reason %q", d, want)
	}
}
