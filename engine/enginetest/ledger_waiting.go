package enginetest

import (
	"slices"
	"strconv"

	"rhea/engine"
)

// waiting returns the keys of what waits for a rule, asked for in small portions.
func waiting(b *bench, l engine.Ledger, rule string) (keys []string) {
	b.Helper()
	for behind := int64(0); ; {
		page, err := l.Waiting(b.Context(), rule, behind, 2)
		if err != nil {
			b.Fatalf("Waiting: %v", err)
		}
		for _, w := range page {
			if w.Number <= behind || w.Rule != rule || w.Signal != "signal of "+w.Key {
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
