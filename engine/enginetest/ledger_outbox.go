package enginetest

import (
	"context"
	"iter"
	"slices"
	"time"

	"rhea/engine"
)

// outbox is what a ledger may offer to people who look after what is owed.
type outbox interface {
	Deliveries(ctx context.Context, states ...engine.DeliveryState) iter.Seq2[engine.Delivery, error]
	Retry(ctx context.Context, event, relay string) error
	Drop(ctx context.Context, event, relay string) error
}

// listed returns the content and relay of what is in the given states.
func listed(b *bench, o outbox, states ...engine.DeliveryState) []string {
	b.Helper()
	var names []string
	for d, err := range o.Deliveries(b.Context(), states...) {
		if err != nil {
			b.Fatalf("deliveries: %v", err)
		}
		names = append(names, d.Event.Content+" "+d.Relay)
	}
	return names
}

func outboxLists(b *bench) {
	l := b.open()
	o, ok := l.(outbox)
	if !ok {
		return
	}
	for _, k := range []string{"1", "2", "3"} {
		b.commit(l, entry(k, relayA), true)
	}
	b.drain(l, time.Second, func(d engine.Delivery) engine.Settlement {
		if d.Event.Content == "2" {
			return engine.Settlement{State: engine.Retrying, Next: time.Now().Add(time.Hour)}
		}
		return accept(d)
	})
	b.commit(l, entry("4", relayB), true)
	for _, c := range []struct {
		states []engine.DeliveryState
		want   []string
	}{
		{nil, []string{"4 " + relayB, "3 " + relayA, "2 " + relayA, "1 " + relayA}},
		{[]engine.DeliveryState{engine.Accepted}, []string{"3 " + relayA, "1 " + relayA}},
		{[]engine.DeliveryState{engine.Pending, engine.Retrying}, []string{"4 " + relayB, "2 " + relayA}},
		{[]engine.DeliveryState{engine.GivenUp}, nil},
	} {
		if got := listed(b, o, c.states...); !slices.Equal(got, c.want) {
			b.Errorf("%v lists %q, want %q", c.states, got, c.want)
		}
	}
	for d, err := range o.Deliveries(b.Context()) {
		if err != nil || d.Event.Content != "4" {
			b.Errorf("first listed is %q, %v", d.Event.Content, err)
		}
		break
	}
	b.commit(l, entry("5"), true)
}

func outboxRetry(b *bench) {
	l := b.open()
	o, ok := l.(outbox)
	if !ok {
		return
	}
	for _, k := range []string{"given up", "waiting", "later"} {
		b.commit(l, entry(k, relayA), true)
	}
	b.drain(l, time.Second, func(d engine.Delivery) engine.Settlement {
		if d.Event.Content == "given up" {
			return engine.Settlement{State: engine.GivenUp, Reason: "too long"}
		}
		return engine.Settlement{State: engine.Retrying, Next: time.Now().Add(24 * time.Hour)}
	})
	for _, k := range []string{"waiting", "given up"} {
		if err := o.Retry(b.Context(), note(k).ID, relayA); err != nil {
			b.Errorf("retry of %s: %v", k, err)
		}
	}
	if err := o.Retry(b.Context(), note("waiting").ID, relayB); err == nil {
		b.Error("a delivery that does not exist can be retried")
	}
	got := b.drain(l, time.Hour, accept)
	if !slices.Equal(got.keys(), []string{"given up", "waiting"}) || got.list[0].Attempts != 1 {
		b.Errorf("handed out %+v", got.list)
	}
	// It may be done again, and survives a crash.
	if err := o.Retry(b.Context(), note("given up").ID, relayA); err != nil {
		b.Errorf("second retry: %v", err)
	}
	if got := b.drain(b.crash(), time.Hour, accept).keys(); !slices.Equal(got, []string{"given up"}) {
		b.Errorf("handed out %q after the second retry", got)
	}
}

func outboxDrop(b *bench) {
	l := b.open()
	o, ok := l.(outbox)
	if !ok {
		return
	}
	b.commit(l, entry("k", relayA, relayB), true)
	if err := o.Drop(b.Context(), note("k").ID, relayA); err != nil {
		b.Errorf("drop: %v", err)
	}
	for _, relay := range []string{relayA, "wss://none.example"} {
		if err := o.Drop(b.Context(), note("k").ID, relay); err == nil {
			b.Errorf("what is not owed to %s can be dropped", relay)
		}
	}
	if got := listed(b, o, engine.GivenUp); !slices.Equal(got, []string{"k " + relayA}) {
		b.Errorf("given up: %q", got)
	}
	if got := b.drain(l, time.Hour, accept); len(got.list) != 1 || got.list[0].Relay != relayB {
		b.Errorf("handed out %+v", got.list)
	}
}

// outboxDropMeanwhile drops what a relay that is being served would get next.
func outboxDropMeanwhile(b *bench) {
	l := b.open()
	o, ok := l.(outbox)
	if !ok {
		return
	}
	for _, k := range []string{"read", "dropped", "kept"} {
		b.commit(l, entry(k, relayA), true)
	}
	got := b.drain(l, time.Hour, func(d engine.Delivery) engine.Settlement {
		switch d.Event.Content {
		case "read":
			if err := o.Drop(b.Context(), note("dropped").ID, relayA); err != nil {
				b.Errorf("drop: %v", err)
			}
		case "kept":
			for _, k := range []string{"committed meanwhile", "dropped too", "last"} {
				b.commit(l, entry(k, relayA), true)
			}
		case "committed meanwhile":
			if err := o.Drop(b.Context(), note("dropped too").ID, relayA); err != nil {
				b.Errorf("drop of what was just committed: %v", err)
			}
		}
		return accept(d)
	}).keys()
	if want := []string{"read", "kept", "committed meanwhile", "last"}; !slices.Equal(got, want) {
		b.Errorf("handed out %q, want %q", got, want)
	}
}

// outboxDropUnderWay drops what its relay is being sent. Only the relay's yes counts then.
func outboxDropUnderWay(b *bench) {
	l := b.open()
	o, ok := l.(outbox)
	if !ok {
		return
	}
	answers := map[string]engine.Settlement{
		"later":   {State: engine.Retrying, Next: time.Now(), Reason: "error: no"},
		"never":   {State: engine.Rejected, Reason: "blocked: no"},
		"waits":   {State: engine.Pending, Next: time.Now(), Reason: "held back"},
		"renewed": {State: engine.Pending, Next: time.Now()},
		"has it":  {State: engine.Accepted},
	}
	for text := range answers {
		b.commit(l, entry(text, relayA, relayB), true)
	}
	got := b.drain(l, time.Hour, func(d engine.Delivery) engine.Settlement {
		text := d.Event.Content
		if d.Relay == relayB {
			return engine.Settlement{State: engine.Pending, Rest: time.Now().Add(2 * time.Hour)}
		}
		if err := o.Drop(b.Context(), d.Event.ID, relayA); err != nil {
			b.Errorf("drop of %q: %v", text, err)
		}
		if text == "renewed" {
			if done, err := l.Replace(b.Context(), d, note("anew"), why()); done != engine.Gone || err != nil {
				b.Errorf("replacing what was dropped = %v, %v", done, err)
			}
		}
		s := answers[text]
		if !s.Next.IsZero() {
			s.Next = time.Now().Add(time.Minute)
		}
		return s
	})
	l = b.crash()
	o = l.(outbox)
	again := b.drain(l, 3*time.Hour, func(engine.Delivery) engine.Settlement { return engine.Settlement{State: engine.Pending} })
	for _, d := range slices.Concat(got.list[len(answers)+1:], again.list) {
		if d.Relay == relayA {
			b.Errorf("%q was handed out again", d.Event.Content)
		}
	}
	if has := listed(b, o, engine.Accepted); !slices.Equal(has, []string{"has it " + relayA}) {
		b.Errorf("accepted: %q", has)
	}
	dropped := listed(b, o, engine.GivenUp)
	slices.Sort(dropped)
	if want := []string{"later " + relayA, "never " + relayA, "renewed " + relayA, "waits " + relayA}; !slices.Equal(dropped, want) {
		b.Errorf("given up: %q, want %q", dropped, want)
	}
}
