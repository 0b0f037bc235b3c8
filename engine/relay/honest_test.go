package relay_test

import (
	"testing"
	"time"

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

func TestHonestRelays(t *testing.T) {
	t.Parallel()
	suites(t, func(t *testing.T, auth bool) backend {
		r := relaytest.With(t, local.Options{AuthToRead: auth, AuthToWrite: auth})
		return backend{r.URL(), r.Publish}
	})
}

// suites runs the honest suite with and without required authentication.
func suites(t *testing.T, start func(t *testing.T, auth bool) backend) {
	t.Helper()
	for name, auth := range map[string]bool{"open": false, "with authentication": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			honestSuite(t, start(t, auth))
		})
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
