package cmd

import (
	"context"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/nbd-wtf/go-nostr"

	"rhea/engine"
	"rhea/engine/delivery"
	"rhea/engine/ledger"
)

// undoBatch is how many events one request takes back; relays refuse events with many tags.
const undoBatch = 50

// undoPlan is what taking back the events of a rule means.
type undoPlan struct {
	// events are those to be taken back, newest first.
	events []undoEvent
	// drops are deliveries that are still owed. They are given up, and asked to be deleted all the same: a relay may
	// have an event without our knowing.
	drops []deliveryName
}

// undoEvent is one event with the relays that have it, or may have it, and were not asked yet to delete it.
type undoEvent struct {
	id, pubkey string
	kind       int
	made       time.Time
	relays     []string
}

// planUndo finds what a rule has made within a span and is not taken back yet. The requests are events of the rule
// too, newer than what they name, so that nothing else has to be remembered.
func planUndo(ctx context.Context, r ledger.Reader, rule string, since, until time.Time) (undoPlan, error) {
	var plan undoPlan
	asked := make(map[deliveryName]bool)
	at := make(map[string]int)
	for item, err := range r.Outbox(ctx, ledger.OutboxQuery{Rule: rule, Since: since}) {
		if err != nil {
			return undoPlan{}, err
		}
		e := &item.Event
		if e.Kind == nostr.KindDeletion {
			for tag := range e.Tags.FindAll("e") {
				asked[deliveryName{tag[1], item.Relay}] = true
			}
			continue
		}
		name := deliveryName{e.ID, item.Relay}
		open := !ledger.Final(item.State)
		has := item.State == engine.Accepted || item.State == engine.GivenUp && delivery.Unanswered(item.Reason)
		if item.Committed.After(until) || !open && !has {
			continue
		}
		if open {
			plan.drops = append(plan.drops, name)
		}
		if asked[name] {
			continue
		}
		i, known := at[e.ID]
		if !known {
			i = len(plan.events)
			at[e.ID] = i
			plan.events = append(plan.events, undoEvent{id: e.ID, pubkey: e.PubKey, kind: e.Kind, made: item.Committed})
		}
		plan.events[i].relays = append(plan.events[i].relays, item.Relay)
	}
	return plan, nil
}

// relays counts the relays that will be asked.
func (p undoPlan) relays() int {
	all := make(map[string]bool)
	for _, e := range p.events {
		for _, r := range e.relays {
			all[r] = true
		}
	}
	return len(all)
}

// requests counts the events that will ask for it.
func (p undoPlan) requests() int { return len(p.batches()) }

// batches divides the events into requests: of one author, to the same relays, not too many at once.
func (p undoPlan) batches() [][]undoEvent {
	groups := make(map[string]int)
	var batches [][]undoEvent
	for _, e := range p.events {
		key := e.pubkey + " " + strings.Join(e.relays, " ")
		i, ok := groups[key]
		if !ok || len(batches[i]) == undoBatch {
			i = len(batches)
			groups[key] = i
			batches = append(batches, nil)
		}
		batches[i] = append(batches[i], e)
	}
	return batches
}

// request asks to delete the events of a batch (NIP-09). It is not signed yet.
func request(batch []undoEvent, reason string, now time.Time) nostr.Event {
	e := nostr.Event{
		Kind: nostr.KindDeletion, CreatedAt: nostr.Timestamp(now.Unix()), Content: engine.Redact(engine.Clean(reason)),
	}
	var kinds []int
	for _, made := range batch {
		e.Tags = append(e.Tags, nostr.Tag{"e", made.id})
		if !slices.Contains(kinds, made.kind) {
			kinds = append(kinds, made.kind)
		}
	}
	for _, kind := range kinds {
		e.Tags = append(e.Tags, nostr.Tag{"k", strconv.Itoa(kind)})
	}
	return e
}
