package events_test

import (
	"errors"
	"reflect"
	"testing"
	"testing/synctest"
	"time"

	"github.com/nbd-wtf/go-nostr"

	"rhea/engine"
	"rhea/engine/enginetest"
	"rhea/engine/reference"
	"rhea/triggers/events"
)

func TestNostrRefusesWhatCannotMatch(t *testing.T) {
	t.Parallel()
	filter := func(f events.Filter) events.NostrConfig { return events.NostrConfig{Filter: f} }
	for _, tt := range []struct {
		name        string
		config      any
		paths, says string
	}{
		{"nothing at all", events.NostrConfig{}, "kinds", "every event"},
		{"only since", filter(events.Filter{Since: events.Since{Back: 1}}), "kinds", "every event"},
		{"empty kinds", filter(events.Filter{Kinds: []int{}}), "kinds", "would match nothing"},
		{"empty authors", filter(events.Filter{Kinds: []int{1}, Authors: []string{}}), "authors", "would match nothing"},
		{"empty tags", filter(events.Filter{Tags: map[string][]string{}}), "tags", "would match nothing"},
		{"empty tag", filter(events.Filter{Tags: map[string][]string{"t": {}}}), "tags.t", "would match nothing"},
		{"no filters", events.NostrConfig{Filters: []events.Filter{}}, "filters", "would match nothing"},
		{"both forms", events.NostrConfig{
			Filter: events.Filter{Kinds: []int{1}}, Filters: []events.Filter{{Kinds: []int{1}}},
		}, "filters", "move those"},
		{"kind out of range", filter(events.Filter{Kinds: []int{1, 65536, -1}}), "kinds.1 kinds.2", "65535"},
		{"long tag name", filter(events.Filter{Tags: map[string][]string{"title": {"x"}}}), "tags.title", "single letter"},
		{"odd person", filter(events.Filter{Authors: []string{"alice"}}), "authors.0", ""},
		{"odd p", filter(events.Filter{Tags: map[string][]string{"p": {"alice"}}}), "tags.p.0", ""},
		{"empty value", filter(events.Filter{Tags: map[string][]string{"t": {""}}}), "tags.t.0", "empty"},
		{"in the second filter", events.NostrConfig{Filters: []events.Filter{{Kinds: []int{1}}, {IDs: []string{"x"}}}}, "filters.1.ids.0", ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			enginetest.Refuses(t, events.NostrKind(), tt.config, tt.paths, tt.says)
		})
	}
}

func TestNostrAsksForWhatWasConfigured(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		alice := enginetest.Pubkey(t, enginetest.AliceKey)
		npub, err := reference.Npub(alice)
		if err != nil {
			t.Fatal(err)
		}
		nevent, err := reference.Nevent(nobodysKey, "", -1)
		if err != nil {
			t.Fatal(err)
		}
		source := new(enginetest.Source)
		s := enginetest.Setup(t, source)
		s.Reach, s.Concurrency = time.Hour, 4
		enginetest.RunFor(t, enginetest.Build(t, events.NostrKind(), events.NostrConfig{Filters: []events.Filter{
			{Authors: []string{"self", alice}, Tags: map[string][]string{"p": {"self"}, "a": {"30023:self:log"}, "t": {"self"}}},
			{Kinds: []int{1, 6}, Authors: []string{npub, alice}, Since: events.Since{Back: engine.Duration(time.Hour)}},
			{Tags: map[string][]string{"p": {npub}, "e": {nevent}, "t": {"Nostr"}}, Search: "word"},
		}}, s), new(enginetest.Intake), time.Second)
		since := nostr.Timestamp(time.Now().Add(-time.Hour - time.Second).Unix())
		want := []engine.Query{{
			Stream: "test", Pubkey: s.Pubkey, Relays: []string{enginetest.Relay}, MaxAge: time.Hour, Concurrency: 4,
			Filters: nostr.Filters{
				{Authors: []string{s.Pubkey, alice}, Tags: nostr.TagMap{"p": {s.Pubkey}, "a": {"30023:" + s.Pubkey + ":log"}, "t": {"self"}}},
				{Kinds: []int{1, 6}, Authors: []string{alice}, Since: &since},
				{Tags: nostr.TagMap{"p": {alice}, "e": {nobodysKey}, "t": {"Nostr"}}, Search: "word"},
			},
		}}
		if got := source.Queries(); !reflect.DeepEqual(got, want) {
			t.Errorf("asked\n%v, want\n%v", got, want)
		}
	})
}

func TestNostrSignal(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		source, in := new(enginetest.Source), new(enginetest.Intake)
		old := enginetest.Sign(t, enginetest.AliceKey, nostr.Event{Kind: 1, Content: "before the first start"})
		source.Add(old)
		config := events.NostrConfig{Filter: events.Filter{Kinds: []int{1}}}
		trigger := enginetest.Build(t, events.NostrKind(), config, enginetest.Setup(t, source))
		fresh := enginetest.Sign(t, enginetest.AliceKey, nostr.Event{Kind: 1, Content: "hello"})
		time.AfterFunc(time.Second, func() { source.Add(fresh, enginetest.Sign(t, enginetest.AliceKey, nostr.Event{Kind: 7})) })
		enginetest.RunFor(t, trigger, in, time.Minute)

		if got := keys(in.Backlog()); !reflect.DeepEqual(got, []string{old.ID}) {
			t.Errorf("the backlog is %v, want the event from before the start", got)
		}
		signals := in.Signals()
		if len(signals) != 1 {
			t.Fatalf("%d signals, want one", len(signals))
		}
		s := signals[0]
		if s.Key != fresh.ID || !s.Time.Equal(fresh.CreatedAt.Time()) || s.Group != fresh.PubKey ||
			s.Event.ID != fresh.ID || s.Relay != enginetest.Relay || s.Position != nil {
			t.Errorf("the signal is %+v", s)
		}
		if s.Prepare != nil {
			t.Error("something is fetched although no expression asks for it")
		}
		if err := s.Verify(); err != nil {
			t.Errorf("verifying: %v", err)
		}
		data := s.Data.(*events.Data)
		if data.Event.Content != "hello" || data.Author.Pubkey != fresh.PubKey || data.Relay != enginetest.Relay {
			t.Errorf("the data is %+v", data)
		}
	})
}

func TestNostrSinceWantsThePast(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		source, in := new(enginetest.Source), new(enginetest.Intake)
		source.Add(enginetest.Sign(t, enginetest.AliceKey, nostr.Event{Kind: 1}))
		config := events.NostrConfig{Filter: events.Filter{
			Kinds: []int{1}, Since: events.Since{At: time.Now().Add(-time.Hour)},
		}}
		enginetest.RunFor(t, enginetest.Build(t, events.NostrKind(), config, enginetest.Setup(t, source)), in, time.Minute)
		if got := len(in.Signals()); got != 1 {
			t.Errorf("%d signals, want the one from before the start", got)
		}
	})
}

func TestOnePassReadsWhatCameSinceTheLast(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		source, in := new(enginetest.Source), new(enginetest.Intake)
		s := enginetest.Setup(t, source)
		s.Once = true
		config := events.NostrConfig{Filter: events.Filter{Kinds: []int{1}}}
		pass := func() error {
			<-time.After(time.Hour)
			return enginetest.Build(t, events.NostrKind(), config, s).Run(t.Context(), in)
		}
		source.Add(enginetest.Sign(t, enginetest.AliceKey, nostr.Event{Kind: 1, Content: "old"}))
		if err := pass(); err != nil || len(in.Signals()) != 0 {
			t.Fatalf("the first pass: %v, %d signals, want none", err, len(in.Signals()))
		}
		first := enginetest.Sign(t, enginetest.AliceKey, nostr.Event{Kind: 1, Content: "first"})
		<-time.After(time.Minute)
		second := enginetest.Sign(t, enginetest.AliceKey, nostr.Event{Kind: 1, Content: "second"})
		source.Add(second, first)
		source.Break(errors.New("no relay answered"))
		if err := pass(); err == nil {
			t.Fatal("a pass that reached nobody says it was fine")
		}
		source.Break(nil)
		for range 2 {
			if err := pass(); err != nil {
				t.Fatal(err)
			}
		}
		if got := keys(in.Signals()); !reflect.DeepEqual(got, []string{first.ID, second.ID}) {
			t.Errorf("the passes gave %v, want both new events, oldest first, once", got)
		}
	})
}

func TestSince(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]events.Since{
		"6h":                   {Back: engine.Duration(6 * time.Hour)},
		"2026-03-01":           {At: time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)},
		"2026-03-01T12:00:00Z": {At: time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)},
	} {
		var got events.Since
		if err := got.UnmarshalText([]byte(in)); err != nil || got != want {
			t.Errorf("%s is %v, %v, want %v", in, got, err, want)
		}
	}
	for _, in := range []string{"", "yesterday", "6", "2026-13-01"} {
		if err := new(events.Since).UnmarshalText([]byte(in)); err == nil {
			t.Errorf("%q is accepted", in)
		}
	}
}
