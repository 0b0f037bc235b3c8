package enginetest

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/nbd-wtf/go-nostr"

	"rhea/engine"
)

// promptAnswers is after how many answers twice as many deliveries may be under way.
const promptAnswers = 50

// flight is a delivery under way.
type flight struct {
	engine.Delivery
	begun time.Time
	// number counts the deliveries that were handed out before; beside is what was under way then.
	number int
	beside []nostr.Event
}

// flights records what is under way to one relay.
type flights struct {
	mu      sync.Mutex
	handed  []string
	running map[string]nostr.Event
	most    int
}

func (f *flights) begin(d engine.Delivery) flight {
	f.mu.Lock()
	defer f.mu.Unlock()
	x := flight{d, time.Now(), len(f.handed), slices.Collect(maps.Values(f.running))}
	f.running[d.Event.ID] = d.Event
	f.handed = append(f.handed, d.Event.Content)
	f.most = max(f.most, len(f.running))
	return x
}

func (f *flights) end(d engine.Delivery) {
	f.mu.Lock()
	defer f.mu.Unlock()
	delete(f.running, d.Event.ID)
}

// fly drains l for an hour. Each event has left at once, and is answered by answer or accepted after a tenth of a second.
func (b *bench) fly(l engine.Ledger, answer func(x flight) engine.Settlement) *flights {
	b.Helper()
	ctx, cancel := context.WithTimeout(b.Context(), time.Hour)
	defer cancel()
	f := flights{running: make(map[string]nostr.Event)}
	err := l.Drain(ctx, nil, func(_ context.Context, d engine.Delivery, sent func()) engine.Settlement {
		x := f.begin(d)
		defer f.end(d)
		sent()
		sent()
		if s := answer(x); s.State != "" {
			return s
		}
		pass(100 * time.Millisecond)
		return accept(d)
	})
	if err != nil && !errors.Is(err, ctx.Err()) {
		b.Fatalf("drain: %v", err)
	}
	return &f
}

// owe commits so many entries for a relay and returns their texts.
func (b *bench) owe(l engine.Ledger, name string, n int) (keys []string) {
	b.Helper()
	for i := range n {
		keys = append(keys, fmt.Sprintf("%s %d", name, i))
		b.commit(l, entry(keys[i], relayA), true)
	}
	return keys
}

// promptRelay answers promptly: one delivery is under way at first, twice as many after every fifty answers, up to
// sixteen, in the order of the commits.
func promptRelay(b *bench) {
	l := b.open()
	keys := b.owe(l, "note", 600)
	f := b.fly(l, func(x flight) engine.Settlement {
		if n, most := len(x.beside)+1, min(1<<(x.number/promptAnswers), engine.MaxInFlight); n > most {
			b.Errorf("%d deliveries are under way after %d, want up to %d", n, x.number, most)
		}
		return engine.Settlement{}
	})
	if !slices.Equal(f.handed, keys) {
		b.Errorf("handed out %q", f.handed)
	}
	if f.most != engine.MaxInFlight {
		b.Errorf("up to %d deliveries were under way, want %d", f.most, engine.MaxInFlight)
	}
}

// lateAnswers answers late: there is never more than one under way.
func lateAnswers(b *bench) {
	l := b.open()
	keys := b.owe(l, "note", 200)
	f := b.fly(l, func(x flight) engine.Settlement {
		pass(time.Second)
		return accept(x.Delivery)
	})
	if f.most != 1 || !slices.Equal(f.handed, keys) {
		b.Errorf("%d of 200 deliveries were handed out, up to %d at a time", len(f.handed), f.most)
	}
}

// nothingFollows has no event leave before its answer.
func nothingFollows(b *bench) {
	l := b.open()
	keys := b.owe(l, "note", 300)
	f := flights{running: make(map[string]nostr.Event)}
	b.drain(l, time.Hour, func(d engine.Delivery) engine.Settlement {
		f.begin(d)
		defer f.end(d)
		pass(time.Millisecond)
		return accept(d)
	})
	if f.most != 1 || !slices.Equal(f.handed, keys) {
		b.Errorf("%d of 300 deliveries were handed out, up to %d at a time", len(f.handed), f.most)
	}
}

// refusedAmongMany does not accept one of many under way, in every way: nothing follows until all are answered, then it
// goes first, and then one at a time.
func refusedAmongMany(b *bench) {
	l := b.open()
	for name, s := range map[string]engine.Settlement{
		"refused":   {State: engine.Retrying, Reason: "error: busy"},
		"held back": {State: engine.Pending, Reason: "later"},
		"rest":      {State: engine.Retrying, Reason: "no answer", Rest: time.Now()},
		"never":     {State: engine.Rejected, Reason: "invalid: no"},
	} {
		keys := b.owe(l, name, 500)
		var mu sync.Mutex
		var refused time.Time
		before := 0
		f := b.fly(l, func(x flight) engine.Settlement {
			if x.Event.Content == keys[390] && x.number == 390 {
				pass(50 * time.Millisecond)
				mu.Lock()
				defer mu.Unlock()
				refused = time.Now()
				s := s
				if s.State != engine.Rejected {
					s.Next = refused
				}
				if !s.Rest.IsZero() {
					s.Rest = refused.Add(time.Second)
				}
				return s
			}
			mu.Lock()
			defer mu.Unlock()
			switch {
			case refused.IsZero(), !x.begun.After(refused):
				before = x.number + 1
			case x.number < before+promptAnswers-engine.MaxInFlight && len(x.beside) > 0:
				b.Errorf("%s: %s follows beside %d others", name, x.Event.Content, len(x.beside))
			}
			return engine.Settlement{}
		})
		want := slices.Clone(keys)
		if s.State != engine.Rejected {
			want = slices.Insert(want, before, keys[390])
		}
		if before < 392 || f.most != engine.MaxInFlight || !slices.Equal(f.handed, want) {
			b.Errorf("%s: %d were handed out before, up to %d at a time; in order: %q", name, before, f.most, f.handed)
		}
	}
}

// relatedOrder owes events that name each other among others: none of them is under way beside one that it waits for.
func relatedOrder(b *bench) {
	l := b.open()
	b.owe(l, "note", 400)
	var names []string
	after := make(map[string]string)
	commit := func(name, waitsFor string, kind int, tags ...nostr.Tag) nostr.Event {
		e := entry(name, relayA)
		event := &e.Deliveries[0].Event
		event.Kind, event.Tags = kind, tags
		event.ID = event.GetID()
		b.commit(l, e, true)
		names, after[name] = append(names, name), waitsFor
		return *event
	}
	parent := commit("parent", "", 1)
	commit("other", "", 1)
	commit("reply", "parent", 1, nostr.Tag{"e", parent.ID, "", "root"})
	commit("second parent", "", 1)
	quoted := commit("quoted", "", 1)
	commit("quote", "quoted", 1, nostr.Tag{"q", quoted.ID})
	article := commit("article", "", 30023, nostr.Tag{"d", "x"})
	commit("another article", "", 30023, nostr.Tag{"d", "y"})
	commit("its new version", "article", 30023, nostr.Tag{"d", "x"})
	commit("comment", "its new version", 1111, nostr.Tag{"a", engine.Address(&article)})
	commit("profile", "", 0)
	commit("new profile", "profile", 0)
	commit("another", "", 1)
	commit("deletion", "anything", 5, nostr.Tag{"e", parent.ID}, nostr.Tag{"k", "1"})
	commit("last", "deletion", 1)
	var mu sync.Mutex
	beside := make(map[string]bool)
	f := b.fly(l, func(x flight) engine.Settlement {
		mu.Lock()
		defer mu.Unlock()
		waitsFor := after[x.Event.Content]
		for _, e := range x.beside {
			beside[x.Event.Content] = true
			if e.Content == waitsFor || waitsFor == "anything" {
				b.Errorf("%q is under way beside %q", x.Event.Content, e.Content)
			}
		}
		return engine.Settlement{}
	})
	if got := f.handed[400:]; !slices.Equal(got, names) {
		b.Errorf("handed out %q", got)
	}
	for _, name := range []string{"other", "second parent", "another article", "another"} {
		if !beside[name] {
			b.Errorf("%q waited, though it names nothing under way", name)
		}
	}
}

// changedAmongMany drops and replaces what is due next while many are under way.
func changedAmongMany(b *bench) {
	l := b.open()
	o, ok := l.(outbox)
	if !ok {
		return
	}
	keys := b.owe(l, "note", 400)
	for _, key := range []string{"dropped", "kept", "old", "last"} {
		b.commit(l, entry(key, relayA, relayB), true)
	}
	keys = append(keys, "kept", "new", "last")
	rest := engine.Settlement{State: engine.Pending, Rest: time.Now().Add(2 * time.Hour)}
	var onB engine.Delivery
	b.drain(l, time.Hour, func(d engine.Delivery) engine.Settlement {
		switch {
		case d.Relay == relayA:
			return rest
		case d.Event.Content == "old":
			onB = d
			return rest
		}
		return accept(d)
	})
	pass(2 * time.Hour)
	rest.Rest = time.Now().Add(2 * time.Hour)
	f := b.fly(l, func(x flight) engine.Settlement {
		switch {
		case x.Relay == relayB:
			return rest
		case x.Event.Content == keys[390]:
			if err := o.Drop(b.Context(), note("dropped").ID, relayA); err != nil {
				b.Errorf("drop: %v", err)
			}
		case x.Event.Content == keys[399]:
			if done, err := l.Replace(b.Context(), onB, note("new"), why()); done != engine.Replaced || err != nil {
				b.Errorf("replace = %v, %v", done, err)
			}
		}
		return engine.Settlement{}
	})
	// The other relay is given the old one, as it was.
	onA := slices.DeleteFunc(slices.Clone(f.handed), func(key string) bool { return key == "old" })
	if !slices.Equal(onA, keys) || slices.Contains(f.handed[200:], "old") || f.most < engine.MaxInFlight {
		b.Errorf("up to %d at a time were handed out in this order: %q", f.most, f.handed)
	}
}
