package profile_test

import (
	"fmt"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/nbd-wtf/go-nostr"

	"rhea/engine/ledger/memory"
)

// TestForgotten has the relays forget a profile: it is published again when none has had it for three days, once, and
// not because they show nothing for a moment.
func TestForgotten(t *testing.T) {
	t.Parallel()
	const day = 24 * time.Hour
	for name, tt := range map[string]struct {
		// forget is when the relays lose what they have, back when they have it again.
		forget, back []time.Duration
		away         bool // From when they forget on, one of them does not answer.
		want         int
	}{
		"never":          {want: 1},
		"for good":       {forget: []time.Duration{10*day + time.Hour}, want: 2},
		"twice":          {forget: []time.Duration{10*day + time.Hour, 20*day + time.Hour}, want: 3},
		"for two days":   {forget: []time.Duration{10*day + time.Hour}, back: []time.Duration{12*day + time.Hour}, want: 1},
		"one is missing": {forget: []time.Duration{10*day + time.Hour}, away: true, want: 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				w, id, published := newWorld(), mainIdentity(), make(map[string]bool)
				id.Inbox, id.Outbox, id.DMRelays = nil, nil, nil
				var had map[string][]nostr.Event
				note := func() {
					for _, e := range slices.Concat(w.events["wss://one"], w.events["wss://two"]) {
						published[e.ID] = true
					}
				}
				for _, at := range tt.forget {
					time.AfterFunc(at, func() {
						w.mu.Lock()
						defer w.mu.Unlock()
						note()
						had, w.events, w.away["wss://two"] = w.events, make(map[string][]nostr.Event), tt.away
					})
				}
				for _, at := range tt.back {
					time.AfterFunc(at, func() {
						w.mu.Lock()
						defer w.mu.Unlock()
						note()
						w.events = had
					})
				}
				store := memory.NewStore()
				for range 30 { // It is started anew every day.
					w.start(t, store, id, day)
				}
				note()
				if len(published) != tt.want {
					t.Errorf("%d profiles were published, want %d", len(published), tt.want)
				}
			})
		})
	}
}

// TestOldWork changes a profile that has proof of work: the work was done for other words.
func TestOldWork(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w, id := newWorld(), mainIdentity()
		id.Inbox, id.Outbox, id.DMRelays = nil, nil, nil
		old := nostr.Event{
			Kind: 0, Content: `{"name":"old"}`, CreatedAt: nostr.Timestamp(time.Now().Add(-time.Hour).Unix()),
			Tags: nostr.Tags{{"nonce", "776797", "20"}, {"i", "github:bot", "proof"}},
		}
		if err := old.Sign(secret); err != nil {
			t.Fatal(err)
		}
		w.events["wss://one"], w.events["wss://two"] = []nostr.Event{old}, []nostr.Event{old}
		w.start(t, memory.NewStore(), id, time.Hour)
		for _, relay := range []string{"wss://one", "wss://two"} {
			got := w.events[relay]
			if len(got) != 2 || fmt.Sprint(got[1].Tags) != fmt.Sprint(nostr.Tags{{"i", "github:bot", "proof"}}) {
				t.Errorf("%s has %v", relay, got)
			}
		}
	})
}
