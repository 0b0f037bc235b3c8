package sqlite_test

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/nbd-wtf/go-nostr"

	"rhea/engine"
	"rhea/engine/ledger"
	"rhea/engine/ledger/sqlite"
)

// fired commits an entry whose one event is owed to relays.
func fired(t *testing.T, l *sqlite.Ledger, rule, key string, relays ...string) nostr.Event {
	t.Helper()
	e := nostr.Event{Kind: 1, Content: key, PubKey: strings.Repeat("ab", 32), CreatedAt: nostr.Now(), Tags: nostr.Tags{}}
	e.ID = e.GetID()
	var owed []engine.Delivery
	for _, r := range relays {
		owed = append(owed, engine.Delivery{Rule: rule, Event: e, Relay: r, Quorum: 1, Committed: time.Now()})
	}
	fresh, err := l.Commit(t.Context(), engine.Entry{
		Rule: rule, Key: key, Deliveries: owed,
		Decision: engine.Decision{At: time.Now(), Rule: rule, Key: key, Outcome: engine.Fired, Published: []string{e.ID}},
	})
	check(t, err)
	if !fresh {
		t.Fatalf("%s is not fresh", key)
	}
	return e
}

// TestLastFailure: a rule's last error is told until the rule has run well.
func TestLastFailure(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		then []engine.Outcome
		want string
	}{
		"nothing failed":               {[]engine.Outcome{engine.Fired, engine.ConditionFalse}, ""},
		"an action":                    {[]engine.Outcome{engine.Fired, engine.ActionError}, "action_error 1"},
		"the newest":                   {[]engine.Outcome{engine.ActionError, engine.ConditionError, engine.ActionError}, "action_error 2"},
		"well again":                   {[]engine.Outcome{engine.ActionError, engine.Fired}, ""},
		"well in a dry run":            {[]engine.Outcome{engine.ConditionError, engine.DryRun}, ""},
		"the condition could be asked": {[]engine.Outcome{engine.ConditionError, engine.ConditionFalse}, ""},
		"the action was not tried":     {[]engine.Outcome{engine.ActionError, engine.ConditionFalse, engine.RateLimited}, "action_error 0"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				l, err := sqlite.Open(filepath.Join(t.TempDir(), "rhea.db"), sqlite.Options{})
				check(t, err)
				defer func() { check(t, l.Close()) }()
				for i, o := range c.then {
					check(t, l.Record(t.Context(), engine.Decision{At: time.Now(), Rule: "r", Outcome: o, Reason: fmt.Sprint(i)}))
					<-time.After(time.Minute)
				}
				rules, err := l.Rules(t.Context(), time.Now().Add(-24*time.Hour))
				check(t, err)
				got := ""
				if f := rules["r"].Failed; f != nil {
					got = string(f.Outcome) + " " + f.Reason
				}
				if got != c.want {
					t.Errorf("the last failure is %q, want %q", got, c.want)
				}
			})
		})
	}
}

func TestReports(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		l, err := sqlite.Open(filepath.Join(t.TempDir(), "rhea.db"), sqlite.Options{})
		check(t, err)
		defer func() { check(t, l.Close()) }()
		const good, bad = "wss://good.example", "wss://bad.example"
		first := time.Now()
		fired(t, l, "old", "1", good)
		<-time.After(48 * time.Hour)
		second := time.Now()
		late := fired(t, l, "new", "2", good, bad)
		check(t, l.Record(t.Context(), engine.Decision{At: second, Rule: "new", Key: "x", Outcome: engine.TooOld}))
		drainFor(t, l, time.Minute, func(d engine.Delivery) engine.Settlement {
			if d.Relay == bad {
				return engine.Settlement{State: engine.Retrying, Next: time.Now().Add(time.Hour), Reason: "busy"}
			}
			return engine.Settlement{State: engine.Accepted}
		})

		rules, err := l.Rules(t.Context(), time.Now().Add(-24*time.Hour))
		check(t, err)
		if r := rules["old"]; r == nil || !r.Fired.Equal(first) || !r.Accepted.Equal(second) || len(r.Outcomes) != 0 {
			t.Errorf("old: %+v", r)
		}
		if r := rules["new"]; r == nil || !r.Fired.Equal(second) || r.Outcomes[engine.Fired] != 1 || r.Outcomes[engine.TooOld] != 1 {
			t.Errorf("new: %+v", r)
		}
		relays, err := l.RelayReports(t.Context())
		check(t, err)
		if r := relays[bad]; r == nil || r.Owed != 1 || !r.Oldest.Equal(second) ||
			r.Answer != engine.Retrying || r.Reason != "busy" || !r.Answered.Equal(second) {
			t.Errorf("bad: %+v", r)
		}
		if r := relays[good]; r == nil || r.Settled[engine.Accepted] != 2 || !r.Oldest.IsZero() || r.Answer != engine.Accepted {
			t.Errorf("good: %+v", r)
		}
		for _, c := range []struct {
			name  string
			query ledger.OutboxQuery
			want  []string
		}{
			{"everything", ledger.OutboxQuery{}, []string{"2 " + bad, "2 " + good, "1 " + good}},
			{"rule", ledger.OutboxQuery{Rule: "old"}, []string{"1 " + good}},
			{"relay", ledger.OutboxQuery{Relay: bad}, []string{"2 " + bad}},
			{"state", ledger.OutboxQuery{States: []engine.DeliveryState{engine.Retrying, engine.Rejected}}, []string{"2 " + bad}},
			{"since", ledger.OutboxQuery{Since: second, Relay: good}, []string{"2 " + good}},
			{"until", ledger.OutboxQuery{Until: second.Add(-time.Second)}, []string{"1 " + good}},
			{"event", ledger.OutboxQuery{Event: late.ID[:10]}, []string{"2 " + bad, "2 " + good}},
			{"no event", ledger.OutboxQuery{Event: late.ID[1:]}, nil},
			{"limit", ledger.OutboxQuery{Limit: 1}, []string{"2 " + bad}},
		} {
			var got []string
			for item, err := range l.Outbox(t.Context(), c.query) {
				check(t, err)
				got = append(got, item.Event.Content+" "+item.Relay)
				if retrying := item.Relay == bad; item.Next.IsZero() == retrying || item.Changed.IsZero() {
					t.Errorf("%s: next %v, changed %v", c.name, item.Next, item.Changed)
				}
			}
			if !slices.Equal(got, c.want) {
				t.Errorf("%s selects %q, want %q", c.name, got, c.want)
			}
		}
	})
}

func TestPositionsByPrefix(t *testing.T) {
	t.Parallel()
	l, err := sqlite.Open(filepath.Join(t.TempDir(), "rhea.db"), sqlite.Options{})
	check(t, err)
	defer func() { check(t, l.Close()) }()
	for _, stream := range []string{"hold/a", "hold/ä%_", "hold", "holding", "a/feed"} {
		check(t, l.Advance(t.Context(), engine.Position{Stream: stream, Value: stream}))
	}
	fired(t, l, "r", "k") // What is lazy is on the disk with the next commit.
	for prefix, want := range map[string]int{"hold/": 2, "hold/ä%": 1, "hold": 4, "": 5, "x": 0} {
		got, err := l.Positions(t.Context(), prefix)
		check(t, err)
		if len(got) != want {
			t.Errorf("%q: %v", prefix, got)
		}
	}
}

func TestFollow(t *testing.T) {
	t.Parallel()
	l, err := sqlite.Open(filepath.Join(t.TempDir(), "rhea.db"), sqlite.Options{})
	check(t, err)
	defer func() { check(t, l.Close()) }()
	fired(t, l, "a", "1")
	found, place, err := l.Follow(t.Context(), engine.HistoryQuery{}, -1)
	if err != nil || len(found) != 0 {
		t.Errorf("the end of the history has %v, %v", found, err)
	}
	fired(t, l, "b", "2")
	fired(t, l, "a", "3")
	found, next, err := l.Follow(t.Context(), engine.HistoryQuery{Rule: "a"}, place)
	if err != nil || len(found) != 1 || found[0].Key != "3" || next <= place {
		t.Errorf("after %d there are %v, %d, %v", place, found, next, err)
	}
	if found, again, err := l.Follow(t.Context(), engine.HistoryQuery{}, next); err != nil || len(found) != 0 || again != next {
		t.Errorf("after the last there are %v, %d, %v", found, again, err)
	}
}

func TestHolder(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "rhea.db")
	if pid, address, err := sqlite.Holder(path); pid != 0 || address != "" || err != nil {
		t.Errorf("of no file the holder is %d, %q, %v", pid, address, err)
	}
	l, err := sqlite.Open(path, sqlite.Options{})
	check(t, err)
	long := "/" + strings.Repeat("long name/", 100)
	for _, address := range []string{long, "/short"} {
		check(t, l.Advertise(address))
		if pid, got, err := sqlite.Holder(path); pid == 0 || got != address || err != nil {
			t.Errorf("the holder is %d, %q, %v", pid, got, err)
		}
	}
	if _, err := sqlite.Open(path, sqlite.Options{}); err == nil || !strings.Contains(err.Error(), "(pid ") {
		t.Errorf("a second opener is told %v", err)
	}
	check(t, l.Close())
	l, err = sqlite.Open(path, sqlite.Options{})
	check(t, err)
	if _, address, _ := sqlite.Holder(path); address != "" {
		t.Errorf("a new holder takes over the address %q", address)
	}
	check(t, l.Close())
}

// TestNewest asks what became of the newest version of an address, and when the newest decision was made, also when a
// clock that was ahead has made it.
func TestNewest(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		l, err := sqlite.Open(filepath.Join(t.TempDir(), "rhea.db"), sqlite.Options{})
		check(t, err)
		defer func() { check(t, l.Close()) }()
		if at, err := l.Decided(t.Context()); err != nil || !at.IsZero() {
			t.Errorf("an empty state was decided on at %s (%v)", at, err)
		}
		author := strings.Repeat("ab", 32)
		for i, relay := range []string{"wss://one.example", "wss://two.example"} {
			e := nostr.Event{Kind: 0, PubKey: author, CreatedAt: nostr.Timestamp(100 - i), Tags: nostr.Tags{}}
			e.ID = e.GetID()
			_, err := l.Commit(t.Context(), engine.Entry{
				Rule: "profile", Key: relay, Deliveries: []engine.Delivery{{Rule: "profile", Event: e, Relay: relay, Quorum: 1, Committed: time.Now()}},
				Decision: engine.Decision{At: time.Now().Add(time.Duration(3-i) * time.Hour), Rule: "profile", Key: relay, Outcome: engine.Fired},
			})
			check(t, err)
		}
		items, err := l.Newest(t.Context(), "0:"+author+":")
		check(t, err)
		if len(items) != 1 || items[0].Relay != "wss://one.example" || items[0].State != engine.Pending || !items[0].Committed.Equal(time.Now()) {
			t.Errorf("the newest is %+v", items)
		}
		if at, err := l.Decided(t.Context()); err != nil || !at.Equal(time.Now().Add(3*time.Hour)) {
			t.Errorf("the newest decision is of %s (%v)", at, err)
		}
		if items, err := l.Newest(t.Context(), "10002:"+author+":"); err != nil || len(items) > 0 {
			t.Errorf("of nothing: %+v, %v", items, err)
		}
	})
}
