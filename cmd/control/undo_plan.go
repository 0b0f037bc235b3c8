package control

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

// UndoPlan is what taking back the events of a rule means.
type UndoPlan struct {
	// Events are what will be taken back, newest first.
	Events []UndoEvent
	// Drops are deliveries that are still owed. They are given up, and the relays are asked to delete the events all the
	// same: a relay may have an event whose answer was lost.
	Drops []DeliveryName
}

// UndoEvent is one event with the relays that have it, or may have it, and were not asked yet to delete it.
type UndoEvent struct {
	ID, Pubkey string
	Kind       int
	Made       time.Time
	Relays     []string
}

// PlanUndo finds what a rule has made within a span and is not taken back yet. Requests are events of the rule too, newer
// than what they name, so it finds in the outbox what was asked for before.
func PlanUndo(ctx context.Context, r ledger.Reader, rule string, since, until time.Time) (UndoPlan, error) {
	var plan UndoPlan
	asked := make(map[DeliveryName]bool)
	at := make(map[string]int)
	for item, err := range r.Outbox(ctx, ledger.OutboxQuery{Rule: rule, Since: since}) {
		if err != nil {
			return UndoPlan{}, err
		}
		e := &item.Event
		if e.Kind == nostr.KindDeletion {
			for tag := range e.Tags.FindAll("e") {
				asked[DeliveryName{tag[1], item.Relay}] = true
			}
			continue
		}
		name := DeliveryName{e.ID, item.Relay}
		open := !ledger.Final(item.State)
		has := item.State == engine.Accepted || item.State == engine.GivenUp && delivery.Unanswered(item.Reason)
		if item.Committed.After(until) || !open && !has {
			continue
		}
		if open {
			plan.Drops = append(plan.Drops, name)
		}
		if asked[name] {
			continue
		}
		i, known := at[e.ID]
		if !known {
			i = len(plan.Events)
			at[e.ID] = i
			plan.Events = append(plan.Events, UndoEvent{ID: e.ID, Pubkey: e.PubKey, Kind: e.Kind, Made: item.Committed})
		}
		plan.Events[i].Relays = append(plan.Events[i].Relays, item.Relay)
	}
	return plan, nil
}

// Relays is how many relays will be asked.
func (p UndoPlan) Relays() int {
	all := make(map[string]bool)
	for _, e := range p.Events {
		for _, r := range e.Relays {
			all[r] = true
		}
	}
	return len(all)
}

// Requests is how many events will ask for it.
func (p UndoPlan) Requests() int { return len(p.batches()) }

// batches divides the events into requests: of one author, to the same relays, not too many at once.
func (p UndoPlan) batches() [][]UndoEvent {
	groups := make(map[string]int)
	var batches [][]UndoEvent
	for _, e := range p.Events {
		key := e.Pubkey + " " + strings.Join(e.Relays, " ")
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
func request(batch []UndoEvent, reason string, now time.Time) nostr.Event {
	e := nostr.Event{
		Kind: nostr.KindDeletion, CreatedAt: nostr.Timestamp(now.Unix()), Content: engine.Redact(engine.Clean(reason)),
	}
	var kinds []int
	for _, made := range batch {
		e.Tags = append(e.Tags, nostr.Tag{"e", made.ID})
		if !slices.Contains(kinds, made.Kind) {
			kinds = append(kinds, made.Kind)
		}
	}
	for _, kind := range kinds {
		e.Tags = append(e.Tags, nostr.Tag{"k", strconv.Itoa(kind)})
	}
	return e
}
