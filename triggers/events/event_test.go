package events_test

import (
	"context"
	"encoding/json"
	"errors"
	"reflect"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/nbd-wtf/go-nostr"

	"rhea/engine"
	"rhea/engine/enginetest"
	"rhea/engine/reference"
	"rhea/triggers/events"
)

// addedTo is a source that events are put into.
type addedTo interface {
	engine.Source
	Add(events ...nostr.Event)
}

// seen returns what expressions see of an event.
func seen(t *testing.T, e nostr.Event, source addedTo, uses ...string) *events.Data {
	t.Helper()
	in := new(enginetest.Intake)
	config := events.NostrConfig{Filter: events.Filter{Kinds: []int{e.Kind}}}
	trigger := enginetest.Build(t, events.NostrKind(), config, enginetest.Setup(t, source, uses...))
	time.AfterFunc(time.Second, func() { source.Add(e) })
	enginetest.RunFor(t, trigger, in, time.Minute)
	if len(in.Signals()) != 1 {
		t.Fatalf("%d signals, want one", len(in.Signals()))
	}
	return in.Signals()[0].Data.(*events.Data)
}

// behindToken delivers from a relay whose address has a token.
type behindToken struct{ *enginetest.Source }

func (s behindToken) Subscribe(
	ctx context.Context, q engine.Query, deliver func(context.Context, engine.Received) error,
) (func(), error) {
	return s.Source.Subscribe(ctx, q, func(ctx context.Context, r engine.Received) error {
		r.Relay = "wss://relay.example/inbox?token=hunter2"
		return deliver(ctx, r)
	})
}

// TestNeventKeepsTheToken names an event for everybody: the relay is a hint, what opens it is not.
func TestNeventKeepsTheToken(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		e := enginetest.Sign(t, enginetest.AliceKey, nostr.Event{Kind: 1, Content: "hello"})
		name, err := reference.Parse(seen(t, e, behindToken{new(enginetest.Source)}).Event.Nevent())
		if err != nil || !reflect.DeepEqual(name.Relays, []string{"wss://relay.example/inbox"}) {
			t.Errorf("nevent is %+v, %v", name, err)
		}
	})
}

func TestEventView(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		e := enginetest.Sign(t, enginetest.AliceKey, nostr.Event{Kind: 1, Content: "hello", Tags: nostr.Tags{
			{"t", "nostr"}, {"t"}, {"p", nobodysKey, "wss://r"}, {"t", "golang"}, {"client"},
		}})
		event := seen(t, e, new(enginetest.Source)).Event
		if event.Tag("t") != "nostr" || event.Tag("client") != "" || event.Tag("x") != "" {
			t.Error("tag does not give the first value")
		}
		if got := event.Hashtags(); !reflect.DeepEqual(got, []string{"nostr", "golang"}) {
			t.Errorf("hashtags are %q", got)
		}
		if got := event.Mentions(); !reflect.DeepEqual(got, []string{nobodysKey}) {
			t.Errorf("mentions are %q", got)
		}
		if event.CreatedAt.Unix() != int64(e.CreatedAt) || event.CreatedAt.Location() != time.UTC {
			t.Errorf("created_at is %v", event.CreatedAt)
		}
		name, err := reference.Parse(event.Nevent())
		if err != nil || name.ID != e.ID || name.PublicKey != e.PubKey || name.Kind != 1 ||
			!reflect.DeepEqual(name.Relays, []string{enginetest.Relay}) {
			t.Errorf("nevent is %+v, %v", name, err)
		}
		var back nostr.Event
		text, err := json.Marshal(event)
		if err != nil || json.Unmarshal(text, &back) != nil || !back.CheckID() {
			t.Errorf("json is %s, %v, want an event that can be verified", text, err)
		}
	})
}

func TestEventPow(t *testing.T) {
	t.Parallel()
	const id20 = "00000f0000000000000000000000000000000000000000000000000000000000"
	for _, tt := range []struct {
		name string
		tags nostr.Tags
		want int
	}{
		{"not mined", nil, 0},
		{"lower target", nostr.Tags{{"nonce", "1", "16"}}, 16},
		{"met target", nostr.Tags{{"nonce", "1", "20"}}, 20},
		{"missed target", nostr.Tags{{"nonce", "1", "21"}}, 0},
		{"no target", nostr.Tags{{"nonce", "1"}}, 0},
		{"odd target", nostr.Tags{{"nonce", "1", "-3"}}, 0},
		{"no number", nostr.Tags{{"nonce", "1", "many"}}, 0},
	} {
		if got := (&events.Event{ID: id20, Tags: tt.tags}).Pow(); got != tt.want {
			t.Errorf("%s: pow is %d, want %d", tt.name, got, tt.want)
		}
	}
	if got := (&events.Event{Tags: nostr.Tags{{"nonce", "1", "1"}}}).Pow(); got != 0 {
		t.Errorf("without an id pow is %d", got)
	}
}

func profile(t *testing.T, content string) nostr.Event {
	t.Helper()
	return enginetest.Sign(t, enginetest.AliceKey, nostr.Event{Kind: 0, Content: content})
}

func TestAuthorIsFetchedOnlyWhenNamed(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name    string
		uses    []string
		fetches int
	}{
		{"nothing", nil, 0},
		{"only the key", []string{"author.pubkey", "author.npub"}, 0},
		{"the name", []string{"author.name"}, 1},
		{"bot", []string{"author.bot"}, 1},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				source := new(enginetest.Source)
				source.Add(profile(t, `{"name":"alice","bot":true}`))
				author := seen(t, enginetest.Sign(t, enginetest.AliceKey, nostr.Event{Kind: 1}), source, tt.uses...).Author
				if got := len(source.Fetched()); got != tt.fetches {
					t.Errorf("fetched %d times, want %d", got, tt.fetches)
				}
				if (author.Name != nil) != (tt.fetches > 0) {
					t.Errorf("the name is %v", author.Name)
				}
			})
		})
	}
}

func TestAuthorProfileIsReadTolerantly(t *testing.T) {
	t.Parallel()
	name, spaced, lines, picture := "alice", "al ice", "a\nb", "https://x.example/a"
	long := strings.Repeat("x", 99) + "…"
	for _, tt := range []struct {
		content string
		want    events.Author
	}{
		{`{"name":"alice","bot":true}`, events.Author{Name: &name, Bot: true}},
		{`{"name":["alice"],"display_name":"alice","about":7,"bot":"true"}`, events.Author{DisplayName: &name, Bot: true}},
		{`{"username":"alice","name":null}`, events.Author{Name: &name}},
		{`{"name":" ","lud16":"alice","bot":1}`, events.Author{Lud16: &name}},
		{`["alice"]`, events.Author{}},
		{`{"name":"al\nice\t","about":"a\nb","picture":"https://x.example/a"}`, events.Author{Name: &spaced, About: &lines, Picture: &picture}},
		{`{"name":"\u202ealice\u2066\u001b\u200f","display_name":"\u200b\n"}`, events.Author{Name: &name}},
		{`{"name":"` + strings.Repeat("x", 15_000) + `"}`, events.Author{Name: &long}},
		{`{`, events.Author{}},
		{``, events.Author{}},
	} {
		t.Run(tt.content, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				source := new(enginetest.Source)
				source.Add(profile(t, tt.content))
				got := seen(t, enginetest.Sign(t, enginetest.AliceKey, nostr.Event{Kind: 1}), source, "author.name").Author
				tt.want.Pubkey = enginetest.Pubkey(t, enginetest.AliceKey)
				if !reflect.DeepEqual(*got, tt.want) {
					t.Errorf("the author is %+v, want %+v", *got, tt.want)
				}
			})
		})
	}
}

func TestAuthorIsNeverWaitedForLong(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		source := &enginetest.Source{Delay: time.Hour}
		in := new(enginetest.Intake)
		config := events.NostrConfig{Filter: events.Filter{Kinds: []int{1}}}
		trigger := enginetest.Build(t, events.NostrKind(), config, enginetest.Setup(t, source, "author.name"))
		time.AfterFunc(time.Second, func() { source.Add(enginetest.Sign(t, enginetest.AliceKey, nostr.Event{Kind: 1})) })
		enginetest.RunFor(t, trigger, in, 5*time.Second)
		if len(in.Signals()) != 1 {
			t.Fatal("the signal waits for the profile")
		}
	})
}

func TestAuthorIsRemembered(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		source, in := new(enginetest.Source), new(enginetest.Intake)
		config := events.NostrConfig{Filter: events.Filter{Kinds: []int{1}}}
		trigger := enginetest.Build(t, events.NostrKind(), config, enginetest.Setup(t, source, "author.name"))
		say := func(after time.Duration) {
			time.AfterFunc(after, func() { source.Add(enginetest.Sign(t, enginetest.AliceKey, nostr.Event{Kind: 1})) })
		}
		say(time.Minute)     // Nothing is known: asked.
		say(2 * time.Minute) // Still nothing, and that is remembered for a short while.
		time.AfterFunc(3*time.Minute, func() { source.Add(profile(t, `{"name":"alice"}`)) })
		say(15 * time.Minute) // Asked again, found.
		say(60 * time.Minute) // Remembered.
		say(90 * time.Minute) // Asked again.
		enginetest.RunFor(t, trigger, in, 2*time.Hour)
		if got := len(source.Fetched()); got != 3 {
			t.Errorf("asked %d times, want 3", got)
		}
		named := 0
		for _, s := range in.Signals() {
			if a := s.Data.(*events.Data).Author; a.Name != nil {
				named++
			}
		}
		if named != 3 {
			t.Errorf("%d of 5 signals have a name, want 3", named)
		}
	})
}

func TestAuthorWithoutAnyRelay(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		source := new(enginetest.Source)
		source.Break(errors.New("no relay answered"))
		if a := seen(t, enginetest.Sign(t, enginetest.AliceKey, nostr.Event{Kind: 1}), source, "author.name").Author; a.Name != nil {
			t.Errorf("the name is %q", *a.Name)
		}
	})
}
