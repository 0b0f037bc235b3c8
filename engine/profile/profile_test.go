package profile_test

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/nbd-wtf/go-nostr"

	"rhea/engine"
	"rhea/engine/bot"
	"rhea/engine/identity"
	"rhea/engine/ledger/memory"
	"rhea/engine/profile"
)

const secret = "0000000000000000000000000000000000000000000000000000000000000003"

type signer struct{}

func (signer) PublicKey() string {
	pk, err := nostr.GetPublicKey(secret)
	if err != nil {
		panic(err)
	}
	return pk
}
func (signer) Sign(_ context.Context, e *nostr.Event) error { return e.Sign(secret) }

// world is relays that keep what they get, or are away.
type world struct {
	mu     sync.Mutex
	events map[string][]nostr.Event
	away   map[string]bool
	// asked is when a relay was asked for a profile.
	asked map[string][]time.Time
}

func (w *world) Subscribe(context.Context, engine.Query, func(context.Context, engine.Received) error) (func(), error) {
	return nil, errors.New("nothing to subscribe to")
}

func (w *world) Fetch(_ context.Context, relays []string, f nostr.Filter) ([]nostr.Event, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if slices.Equal(f.Kinds, []int{0}) {
		w.asked[relays[0]] = append(w.asked[relays[0]], time.Now())
	}
	if w.away[relays[0]] {
		return nil, errors.New("away")
	}
	var found []nostr.Event
	for _, e := range w.events[relays[0]] {
		if f.Matches(&e) {
			found = append(found, e)
		}
	}
	slices.SortFunc(found, func(a, b nostr.Event) int { return int(b.CreatedAt - a.CreatedAt) })
	return found, nil
}

func (w *world) Publish(_ context.Context, relay string, e nostr.Event) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.away[relay] {
		return errors.New("away")
	}
	w.events[relay] = append(w.events[relay], e)
	return nil
}

// start runs the rules of an identity over a world for a while.
func (w *world) start(t *testing.T, store *memory.Store, id profile.Identity, d time.Duration) {
	t.Helper()
	ledger := store.Open()
	e, err := bot.New(bot.Options{
		Rules:      profile.Rules([]profile.Identity{id}),
		Identities: identity.New(identity.Options{Configured: map[string]engine.Identity{"main": {Name: "main", Signer: signer{}}}}),
		Ledger:     ledger, Source: w, Publisher: w,
	})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), d)
	defer cancel()
	if err := e.Run(ctx); err != nil {
		t.Error(err)
	}
	if err := ledger.Close(); err != nil {
		t.Error(err)
	}
}

func mainIdentity() profile.Identity {
	return profile.Identity{
		Name: "main", Fields: map[string]any{"name": "Bot & Co", "bot": true},
		Inbox: []string{"wss://one", "wss://in?token=hunter2"}, Outbox: []string{"wss://one"}, DMRelays: []string{"wss://dm?token=hunter2"},
		Relays: []string{"wss://one", "wss://two"},
	}
}

func newWorld() *world {
	return &world{events: make(map[string][]nostr.Event), away: make(map[string]bool), asked: make(map[string][]time.Time)}
}

// TestSaidOnce starts a bot three times: it says who it is once.
func TestSaidOnce(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w, store := newWorld(), memory.NewStore()
		for range 3 {
			w.start(t, store, mainIdentity(), time.Hour)
		}
		w.start(t, memory.NewStore(), mainIdentity(), 72*time.Hour) // Also one that has lost its memory.
		for _, relay := range []string{"wss://one", "wss://two"} {
			var kinds []int
			for _, e := range w.events[relay] {
				kinds = append(kinds, e.Kind)
			}
			if !slices.Equal(kinds, []int{0, 10002, 10050}) {
				t.Fatalf("%s got the kinds %v", relay, kinds)
			}
		}
		if got := w.events["wss://one"][0].Content; got != `{"bot":true,"name":"Bot & Co"}` {
			t.Errorf("the profile is %s", got)
		}
		want := nostr.Tags{{"r", "wss://one"}, {"r", "wss://in", "read"}}
		if got := w.events["wss://one"][1].Tags; !slices.EqualFunc(got, want, slices.Equal) {
			t.Errorf("the relay list is %v", got)
		}
		if got := w.events["wss://one"][2].Tags; !slices.EqualFunc(got, nostr.Tags{{"relay", "wss://dm"}}, slices.Equal) {
			t.Errorf("the relay list for private messages is %v", got)
		}
	})
}

// TestKeepsWhatOthersWrote changes a profile that another program wrote, dated in the future.
func TestKeepsWhatOthersWrote(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld()
		old := nostr.Event{
			Kind: 0, Content: `{"name":"old","pronouns":"it","n":12345678901234567890,"about":"mine"}`,
			Tags: nostr.Tags{{"i", "github:bot", "proof"}}, CreatedAt: nostr.Timestamp(time.Now().Add(time.Minute).Unix()),
		}
		if err := old.Sign(secret); err != nil {
			t.Fatal(err)
		}
		w.events["wss://two"] = []nostr.Event{old}
		id := mainIdentity()
		id.Inbox, id.Outbox, id.DMRelays = nil, nil, nil
		w.start(t, memory.NewStore(), id, time.Hour)
		if len(w.events["wss://one"]) != 1 || len(w.events["wss://two"]) != 2 {
			t.Fatalf("published: %v", w.events)
		}
		e := w.events["wss://two"][1]
		var got map[string]json.RawMessage
		if err := json.Unmarshal([]byte(e.Content), &got); err != nil {
			t.Fatal(err)
		}
		for name, want := range map[string]string{"name": `"Bot & Co"`, "pronouns": `"it"`, "n": `12345678901234567890`, "about": `"mine"`, "bot": `true`} {
			if string(got[name]) != want {
				t.Errorf("%s is %s, want %s", name, got[name], want)
			}
		}
		if e.CreatedAt <= old.CreatedAt || len(e.Tags) != 1 {
			t.Errorf("dated %d after %d, tags %v", e.CreatedAt, old.CreatedAt, e.Tags)
		}
	})
}

// TestAMissingRelayIsAskedEverMoreRarely has a relay that never answers: five times at the pace of a start, then with
// pauses that double up to an hour.
func TestAMissingRelayIsAskedEverMoreRarely(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w, id := newWorld(), mainIdentity()
		id.Inbox, id.Outbox, id.DMRelays = nil, nil, nil
		w.away["wss://two"] = true
		w.start(t, memory.NewStore(), id, 4*time.Hour)
		const s, m = time.Second, time.Minute
		want := []time.Duration{30 * s, 30 * s, 30 * s, 30 * s, 30 * s, m, 2 * m, 4 * m, 8 * m, 16 * m, 32 * m, time.Hour, time.Hour}
		var pauses []time.Duration
		for i, at := range w.asked["wss://two"][1:] {
			pauses = append(pauses, at.Sub(w.asked["wss://two"][i]))
		}
		if !slices.Equal(pauses, want) {
			t.Errorf("asked after pauses of %v, want %v", pauses, want)
		}
	})
}
