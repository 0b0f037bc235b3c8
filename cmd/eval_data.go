package cmd

import (
	"context"
	"encoding/json"
	"errors"
	"time"

	"github.com/nbd-wtf/go-nostr"

	"rhea/engine"
	"rhea/engine/config"
	"rhea/engine/expression"
	"rhea/engine/ledger/memory"
	"rhea/engine/rehearsal"
	"rhea/engine/relay"
	"rhea/engine/thread"
)

// evalData makes the data of a kind with what is given.
func (a *app) evalData(ctx context.Context, o evaluating, kind engine.TriggerKind, file *config.File) (data engine.Data, err error) {
	if o.given == (given{}) {
		data, err := rehearsal.Fill(kind, map[string]any{"now": time.Now()})
		return data, failed(err)
	}
	network := relay.New(relay.Options{Positions: memory.New(), Guard: guardRelays(namedRelays(file))})
	defer func() { err = errors.Join(err, network.Close()) }()
	l := library{source: network, relays: listening(file.Rules)}
	shown, named, err := a.show(ctx, o.given, l)
	if err != nil {
		return nil, err
	}
	fields := map[string]any{"now": time.Now(), "schedule": map[string]any{"time": shown.At}}
	switch {
	case shown.Item != nil:
		fields = map[string]any{"now": time.Now(), "item": shown.Item}
	case shown.Partial != nil:
		stage := rehearsal.New(rehearsal.Options{Start: time.Now()})
		if shown.Event, _, err = stage.Complete(ctx, nil, *shown.Partial); err != nil {
			return nil, usage("--event: %v", err)
		}
		fallthrough
	case shown.Event != nil:
		e := shown.Event.Event
		fields = map[string]any{"now": time.Now(), "author": map[string]any{"pubkey": e.PubKey}, "event": eventFields(e)}
		if o.online || named {
			if err := l.around(ctx, kind, e, fields); err != nil {
				return nil, failed(err)
			}
		}
	}
	if data, err = rehearsal.Fill(kind, fields); err != nil {
		return nil, usage("%v", err)
	}
	return data, nil
}

// eventFields are the fields of an event that expressions know.
func eventFields(e *nostr.Event) map[string]any {
	tags := make([]any, len(e.Tags))
	for i, tag := range e.Tags {
		values := make([]any, len(tag))
		for j, v := range tag {
			values[j] = v
		}
		tags[i] = values
	}
	return map[string]any{
		"id": e.ID, "pubkey": e.PubKey, "created_at": e.CreatedAt.Time().UTC(), "kind": e.Kind, "tags": tags, "content": e.Content,
	}
}

// around adds what relays know of the author of an event and of what it answers, as far as the kind offers it. What they
// do not know stays absent.
func (l library) around(ctx context.Context, kind engine.TriggerKind, e *nostr.Event, fields map[string]any) error {
	if len(l.relays) == 0 {
		return nil
	}
	offered := make(map[string]string)
	for _, n := range expression.Names(kind.Data) {
		offered[n.Path] = n.Type
	}
	ctx, cancel := context.WithTimeout(ctx, askFor)
	defer cancel()
	found, err := l.source.Fetch(ctx, l.relays, nostr.Filter{Kinds: []int{nostr.KindProfileMetadata}, Authors: []string{e.PubKey}, Limit: 1})
	if err != nil {
		return err
	}
	var profile map[string]any
	if len(found) > 0 && json.Unmarshal([]byte(found[0].Content), &profile) == nil {
		author := map[string]any{"pubkey": e.PubKey}
		for name, value := range profile {
			_, isText := value.(string)
			_, isBool := value.(bool)
			if is := offered["author."+name]; isText && is == "string" || isBool && is == "true or false" {
				author[name] = value
			}
		}
		fields["author"] = author
	}
	parent := thread.Parent(e)
	if offered["parent"] == "" || parent.ID == "" {
		return nil
	}
	if found, err = l.source.Fetch(ctx, l.relays, nostr.Filter{IDs: []string{parent.ID}, Limit: 1}); err == nil && len(found) > 0 {
		fields["parent"] = eventFields(&found[0])
	}
	return err
}
