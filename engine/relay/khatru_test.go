package relay_test

import (
	"context"
	"io"
	"log"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/fiatjaf/khatru"
	"github.com/nbd-wtf/go-nostr"

	"rhea/engine"
	"rhea/engine/relay/local"
	"rhea/engine/relay/relaytest"
)

// backend is one honest relay and what somebody else may do with it.
type backend struct {
	url     string
	publish func(nostr.Event)
}

// backends are the relays that the honest suite runs against, each with and without required authentication.
func backends(auth bool) map[string]func(t *testing.T) backend {
	return map[string]func(t *testing.T) backend{
		"relaytest": func(t *testing.T) backend {
			r := relaytest.With(t, local.Options{AuthToRead: auth, AuthToWrite: auth})
			return backend{r.URL(), r.Publish}
		},
		"khatru": func(t *testing.T) backend { return newKhatru(t, auth) },
	}
}

func newKhatru(t *testing.T, auth bool) backend {
	t.Helper()
	r := khatru.NewRelay()
	r.Log = log.New(io.Discard, "", 0)
	var mu sync.Mutex
	var events []*nostr.Event
	r.StoreEvent = append(r.StoreEvent, func(_ context.Context, e *nostr.Event) error {
		mu.Lock()
		defer mu.Unlock()
		events = append(events, e)
		return nil
	})
	r.QueryEvents = append(r.QueryEvents, func(_ context.Context, f nostr.Filter) (chan *nostr.Event, error) {
		mu.Lock()
		defer mu.Unlock()
		found := make(chan *nostr.Event, len(events))
		for _, e := range slices.Backward(events) {
			if f.Matches(e) {
				found <- e
			}
		}
		close(found)
		return found, nil
	})
	if auth {
		r.RejectFilter = append(r.RejectFilter, func(ctx context.Context, _ nostr.Filter) (bool, string) {
			return khatru.GetAuthed(ctx) == "", "auth-required: this relay serves only people it knows"
		})
		r.RejectEvent = append(r.RejectEvent, func(ctx context.Context, e *nostr.Event) (bool, string) {
			return khatru.GetAuthed(ctx) != e.PubKey, "auth-required: only the author may publish this"
		})
	}
	server := httptest.NewServer(r)
	t.Cleanup(server.Close)
	return backend{strings.Replace(server.URL, "http", "ws", 1), func(e nostr.Event) {
		mu.Lock()
		events = append(events, &e)
		mu.Unlock()
		r.BroadcastEvent(&e)
	}}
}

func TestTheHonestSuite(t *testing.T) {
	t.Parallel()
	for _, auth := range []bool{false, true} {
		for name, start := range backends(auth) {
			if auth {
				name += " with authentication"
			}
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				honestSuite(t, start(t))
			})
		}
	}
}

func honestSuite(t *testing.T, r backend) {
	t.Helper()
	p := newPositions()
	c := newClient(t, p, nil)
	bot := func(text string) nostr.Event { return sign(t, botKey, nostr.Event{Kind: 1, Content: text}) }

	stored := noteAt(t, "stored", -time.Minute)
	r.publish(stored)
	l := c.listen(engine.Query{Stream: "a"}, r.url)
	if !l.want(stored)[0].Backlog {
		t.Error("what was there before is not backlog")
	}
	mine := bot("published by the client")
	for range 2 { // The second time it is a duplicate.
		if err := c.Publish(t.Context(), r.url, mine); err != nil {
			t.Fatal(err)
		}
	}
	l.want(mine)
	odd := bot("<&>\u2028 \"quoted\" 🦤\n\tline")
	if err := c.Publish(t.Context(), r.url, odd); err != nil {
		t.Fatal(err)
	}
	l.want(odd)

	got, err := c.Fetch(t.Context(), []string{r.url}, nostr.Filter{IDs: []string{mine.ID}})
	if err != nil || len(got) != 1 || got[0].String() != mine.String() {
		t.Errorf("fetched %v, %v", got, err)
	}
	if got, err := c.Fetch(t.Context(), []string{r.url}, nostr.Filter{Kinds: []int{30023}}); err != nil || len(got) != 0 {
		t.Errorf("fetched %v, %v", got, err)
	}
	forged := relaytest.Forged(bot("forged"))
	if err := c.Publish(t.Context(), r.url, forged); verdict(err) != "rejected" {
		t.Errorf("a bad signature: %v", err)
	}
	protected := sign(t, botKey, nostr.Event{Kind: 1, Tags: nostr.Tags{{"-"}}})
	if err := c.Publish(t.Context(), r.url, protected); err != nil {
		t.Errorf("a protected event: %v", err)
	}
	l.want(protected)

	l.stop()
	missed := note(t, "missed")
	r.publish(missed)
	again := c.listen(engine.Query{Stream: "a"}, r.url)
	for missing := true; missing; {
		e := <-again.got
		missing = e.Event.ID != missed.ID
	}
}
