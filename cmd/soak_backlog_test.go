package cmd_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/nbd-wtf/go-nostr"

	"rhea/engine/relay/local"
	"rhea/engine/relay/relaytest"
)

// overlappingRules want some of the mentions too: what one of the filters has brought says nothing about the others.
const overlappingRules = `
  - name: owner
    trigger: { nostr: { kinds: [1], authors: [ %s ] } }
    actions: [ { repost: {} } ]
    limit: { rate: 0, author: 0, thread: 0 }
    flood_stop: 100000000/1h
    loops: { bots: allow, patience: 0 }
    concurrency: { max: 64 }
  - name: topic
    trigger: { hashtag: { any: [ soak ] } }
    actions: [ { react: {} } ]
    limit: { rate: 0, author: 0, thread: 0 }
    flood_stop: 100000000/1h
    loops: { bots: allow, patience: 0 }
    concurrency: { max: 64 }
`

// limitedRelays are one that gives 500 events for each filter, and one that gives 100, or 1,000 when asked.
func limitedRelays(t *testing.T, opts local.Options) []*relaytest.Relay {
	opts.MaxLimit = 500
	first := relaytest.With(t, opts)
	opts.MaxLimit, opts.DefaultLimit = 1000, 100
	return []*relaytest.Relay{first, relaytest.With(t, opts)}
}

// soakSecret is the key of one of the people.
func soakSecret(n int) string { return fmt.Sprintf("%064x", 1000+n%64) }

// mention has the next of the people mention the bot. One in 64 is the owner, and one in eight names the topic.
func (w *soakWorld) mention(t *testing.T, at nostr.Timestamp) nostr.Event {
	e := nostr.Event{Kind: 1, CreatedAt: at, Content: fmt.Sprint("hello, this is ", w.said), Tags: nostr.Tags{{"p", w.bot}}}
	if w.said%8 == 0 {
		e.Tags = append(e.Tags, nostr.Tag{"t", "soak"})
	}
	if err := e.Sign(soakSecret(w.said)); err != nil {
		t.Fatal(err)
	}
	w.said++
	return e
}

// owes notes what the rules have to say about a mention.
func (w *soakWorld) owes(e nostr.Event) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.asked++
	w.owed[said(nostr.KindTextNote, e.ID)] = true
	if e.PubKey == w.owner {
		w.owed[said(nostr.KindRepost, e.ID)] = true
	}
	if e.Tags.Find("t") != nil {
		w.owed[said(nostr.KindReaction, e.ID)] = true
	}
}

func said(kind int, mention string) string { return fmt.Sprintf("kind %d about %s", kind, mention) }

// backlog has more people mention the bot on one of the limited relays alone, within five seconds, than it gives at
// once. All rules want the oldest. It is for when the bot cannot hear that relay.
func (w *soakWorld) backlog(t *testing.T) {
	n := w.backlogs % len(w.limited)
	now := nostr.Now()
	w.said += 64 - w.said%64
	for i := range []int{600, 1100}[n] {
		at := now - 5
		if i > 0 {
			at += 1 + rand.N(nostr.Timestamp(5))
		}
		e := w.mention(t, at)
		w.owes(e)
		w.limited[n].Publish(e)
	}
	w.backlogs++
}

// outage takes one of the limited relays away from the bot until more was said there than it gives at once.
func (w *soakWorld) outage(t *testing.T) {
	r := w.limited[w.backlogs%len(w.limited)]
	r.Stop()
	w.backlog(t)
	r.Start()
}

// pages is how often the bot asked the limited relays for what is older than what they gave.
func (w *soakWorld) pages() (n int) {
	for _, r := range w.limited {
		for _, m := range r.Heard("REQ") {
			if slices.ContainsFunc(m.Filters(), func(f nostr.Filter) bool { return f.Until != nil }) {
				n++
			}
		}
	}
	return n
}
