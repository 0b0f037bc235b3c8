package enginetest

import (
	"slices"
	"time"

	"github.com/nbd-wtf/go-nostr"

	"rhea/engine"
)

// progress returns the states of an event by relay, as the delivery that is handed out for it to relay tells them.
func progress(b *bench, l engine.Ledger, d engine.Delivery) map[string]engine.DeliveryState {
	b.Helper()
	all, err := l.Progress(b.Context(), d)
	if err != nil {
		b.Fatalf("progress: %v", err)
	}
	states := make(map[string]engine.DeliveryState)
	for _, f := range all {
		if f.Event.ID != d.Event.ID {
			b.Errorf("the progress of %s tells of %s", d.Event.ID, f.Event.ID)
		}
		states[f.Relay] = f.State
	}
	return states
}

func progressOf(b *bench) {
	l := b.open()
	e := entry("k", relayA, relayB)
	other := entry("other", relayA)
	other.Deliveries[0].Fixed = true
	e.Deliveries = append(e.Deliveries, other.Deliveries...)
	b.commit(l, e, true)
	l = b.crash()
	got := b.drain(l, time.Minute, func(d engine.Delivery) engine.Settlement {
		if d.Fixed != (d.Event.Content == "other") {
			b.Errorf("%s is fixed: %v", d.Event.Content, d.Fixed)
		}
		if d.Relay == relayB {
			return engine.Settlement{State: engine.Retrying, Next: time.Now().Add(time.Hour)}
		}
		return accept(d)
	})
	for _, d := range got.list {
		states := progress(b, l, d)
		switch d.Event.Content {
		case "k":
			if len(states) != 2 || states[relayA] != engine.Accepted || states[relayB] != engine.Retrying {
				b.Errorf("progress is %v", states)
			}
		case "other":
			if len(states) != 1 || states[relayA] != engine.Accepted {
				b.Errorf("progress of the other is %v", states)
			}
		}
	}
}

// dueBy asks what is due before and after a try, and after a crash.
func dueBy(b *bench) {
	l := b.open()
	b.commit(l, entry("1", relayA, relayB), true)
	b.commit(l, entry("2", relayA), true)
	owed := func(want ...string) {
		b.Helper()
		all, err := l.DueBy(b.Context(), time.Now(), 10)
		if err != nil {
			b.Fatal(err)
		}
		first := slices.IndexFunc(all, func(d engine.Debt) bool { return d.Number != all[0].Number })
		var relays []string
		for _, d := range all {
			relays = append(relays, d.Relay)
		}
		if first > 0 {
			slices.Sort(relays[:first])
		}
		if !slices.Equal(relays, want) {
			b.Errorf("%v is due, want %v", relays, want)
		}
	}
	owed(relayA, relayB, relayA)
	if all, err := l.DueBy(b.Context(), time.Now(), 1); err != nil || len(all) != 1 {
		b.Errorf("of what is due one is %v, %v", all, err)
	}
	l = b.crash()
	owed(relayA, relayB, relayA)
	got := b.drain(l, time.Minute, func(d engine.Delivery) engine.Settlement {
		if d.Event.Content == "2" {
			return engine.Settlement{State: engine.Retrying, Next: time.Now().Add(time.Hour)}
		}
		if d.Relay == relayB {
			return engine.Settlement{State: engine.Pending, Rest: time.Now().Add(time.Hour)}
		}
		return accept(d)
	})
	owed(relayB)
	for _, d := range got.list {
		if all, err := l.DueBy(b.Context(), time.Now(), 10); err != nil || d.Relay == relayB && all[0].Number != d.Number {
			b.Errorf("%d is due, and %d was handed out: %v", all[0].Number, d.Number, err)
		}
	}
	pass(time.Hour)
	owed(relayB, relayA)
}

// eventByID asks for events while they are owed, after a crash, and when they are settled.
func eventByID(b *bench) {
	l := b.open()
	ask := func(content string, want bool) {
		b.Helper()
		asked := note(content)
		if e, err := l.Event(b.Context(), asked.ID); err != nil || (e != nil) != want || want && e.String() != asked.String() {
			b.Errorf("%s is %v, %v", content, e, err)
		}
	}
	b.commit(l, entry("k", relayA, relayB), true)
	b.commit(l, entry("other", relayA), true)
	ask("k", true)
	ask("nothing", false)
	l = b.crash()
	ask("k", true)
	b.drain(l, time.Minute, accept)
	ask("k", true)
	ask("other", true)
	ask("nothing", false)
}

func why() engine.Decision {
	return engine.Decision{At: time.Now(), Rule: "rule", Key: "k", Outcome: engine.Fired, Reason: "signed again"}
}

// replaced puts another event in the place of one and loses the process right after.
func replaced(b *bench) {
	l := b.open()
	b.commit(l, entry("k", relayA, relayB), true)
	b.commit(l, entry("next", relayA), true)
	with := note("again")
	got := b.drain(l, time.Minute, func(d engine.Delivery) engine.Settlement {
		if d.Relay == relayA && d.Event.Content == "k" {
			return engine.Settlement{State: engine.Rejected, Reason: "pow: 28 bits"}
		}
		return engine.Settlement{State: engine.Pending, Rest: time.Now().Add(time.Hour)}
	})
	i := slices.IndexFunc(got.list, func(d engine.Delivery) bool { return d.Relay == relayB })
	if i < 0 {
		b.Fatal("nothing was handed out")
	}
	old := got.list[i]
	if done, err := l.Replace(b.Context(), old, with, why()); done != engine.Replaced || err != nil {
		b.Fatalf("replace = %v, %v", done, err)
	}
	if done, err := l.Replace(b.Context(), old, note("twice"), why()); done != engine.Kept || err != nil {
		b.Errorf("replacing what was replaced = %v, %v", done, err)
	}
	l = b.crash()
	got = b.drain(l, time.Hour, accept)
	for _, d := range got.list {
		if d.Relay == relayB && (d.Event.String() != with.String() || d.Rule != "rule" || d.Attempts != 0) {
			b.Errorf("handed out %+v", d)
		}
	}
	if keys := got.keys(); len(keys) != 2 || !slices.Contains(keys, "again") || !slices.Contains(keys, "next") {
		b.Errorf("handed out %q", keys)
	}
	if j, ok := l.(engine.Journal); ok {
		d, err := j.History(b.Context(), engine.HistoryQuery{Limit: 1})
		if err != nil || len(d) != 1 || d[0].Reason != "signed again" {
			b.Errorf("the history ends with %+v, %v", d, err)
		}
	}
}

// keptWhenAccepted refuses to replace what some relay has.
func keptWhenAccepted(b *bench) {
	l := b.open()
	b.commit(l, entry("k", relayA, relayB), true)
	got := b.drain(l, time.Minute, func(d engine.Delivery) engine.Settlement {
		if d.Relay == relayB {
			return engine.Settlement{State: engine.Retrying, Next: time.Now().Add(time.Hour)}
		}
		return accept(d)
	})
	for _, d := range got.list {
		want := engine.Kept
		if d.Relay == relayA {
			want = engine.Gone // That delivery is over.
		}
		if done, err := l.Replace(b.Context(), d, note("again"), why()); done != want || err != nil {
			b.Errorf("replace = %v, %v, want %v", done, err, want)
		}
	}
	l = b.crash()
	if keys := b.drain(l, 2*time.Hour, accept).keys(); !slices.Equal(keys, []string{"k"}) {
		b.Errorf("handed out %q", keys)
	}
}

// latest asks for the newest version of an address, of all and at one relay.
func latest(b *bench) {
	l := b.open()
	version := func(key, d string, at nostr.Timestamp, relays ...string) nostr.Event {
		e := entry(key, relays...)
		event := e.Deliveries[0].Event
		event.Kind, event.CreatedAt, event.Tags = 30023, at, nostr.Tags{{"d", d}}
		event.ID = event.GetID()
		for i := range e.Deliveries {
			e.Deliveries[i].Event = event
		}
		b.commit(l, e, true)
		return event
	}
	newest := version("newest", "x", 300, relayA)
	older := version("older", "x", 200, relayA, relayB)
	one, two := version("one", "y\u2028", 100, relayA), version("two", "y\u2028", 100, relayA)
	if two.ID < one.ID {
		one = two
	}
	b.commit(l, entry("note", relayA), true)
	address := engine.Address(&newest)
	ask := func(what, address, relay string, want *nostr.Event) {
		b.Helper()
		got, err := l.Latest(b.Context(), address, relay)
		if err != nil || (got == nil) != (want == nil) || got != nil && got.String() != want.String() {
			b.Errorf("%s: the latest version is %v, %v, want %v", what, got, err, want)
		}
	}
	check := func(when string) {
		b.Helper()
		ask(when+", anywhere", address, "", &newest)
		ask(when+", at B", address, relayB, &older)
		ask(when+", of one second", engine.Address(&one), relayA, &one)
		ask(when+", of no version", address+"x", "", nil)
		ask(when+", of no address", "", "", nil)
	}
	check("owed")
	ask("owed at A", address, relayA, &newest)
	l = b.crash()
	check("after a crash")
	b.drain(l, time.Minute, func(d engine.Delivery) engine.Settlement {
		if d.Event.Content == "newest" {
			return engine.Settlement{State: engine.Rejected, Reason: "no"}
		}
		return accept(d)
	})
	check("settled")
	ask("rejected at A", address, relayA, &older)
}
