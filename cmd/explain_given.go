package cmd

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/nbd-wtf/go-nostr"
	"gopkg.in/yaml.v3"

	"rhea/engine"
	"rhea/engine/config"
	"rhea/engine/reference"
	"rhea/engine/rehearsal"
)

// given is what a person gives on the command line to be judged.
type given struct{ event, item, at string }

// shown is what is shown to rules.
type shown struct {
	Event *engine.Received
	// Partial is what is known of an event; each rule makes the rest up.
	Partial *config.TestEvent
	Item    map[string]any
	At      time.Time
}

// maxGiven is the size of what is read, in bytes.
const maxGiven = 1 << 20

// show reads what was given. Named says that an event was named by its id and came from a relay.
func (a *app) show(ctx context.Context, g given, l library) (s shown, named bool, err error) {
	if g.at != "" {
		if s.At, err = time.Parse(time.RFC3339, g.at); err != nil {
			return s, false, usage("--at: %q is not a time; write one such as 2026-03-05T18:00:00+01:00", g.at)
		}
	}
	switch {
	case g.item != "":
		text, err := a.text(g.item)
		if err != nil {
			return s, false, usage("--item: %v", err)
		}
		if err := yaml.Unmarshal(text, &s.Item); err != nil || s.Item == nil {
			return s, false, usage("--item: write the fields of an item, such as {title: Hello, link: https://blog.example/1}")
		}
		return s, false, nil
	case g.event != "":
		if named, err = s.find(ctx, g.event, l); !named && err == nil {
			err = a.readEvent(g.event, &s)
		}
		return s, named, err
	case g.at == "":
		return s, false, usage("say what is to be judged: --event, --item or --at")
	}
	return s, false, nil
}

// text reads an argument: the text itself, a file, or standard input.
func (a *app) text(argument string) ([]byte, error) {
	if strings.ContainsAny(argument, "{\n") {
		return []byte(argument), nil
	}
	in := a.In
	if argument != "-" {
		f, err := os.Open(argument)
		if err != nil {
			return nil, err
		}
		defer func() { _ = f.Close() }()
		in = f
	}
	text, err := io.ReadAll(io.LimitReader(in, maxGiven+1))
	if len(text) > maxGiven {
		return nil, fmt.Errorf("there is more than %d KiB", maxGiven>>10)
	}
	return text, err
}

// sample completes what was given for a rule, and names what it made up.
func (s shown) sample(ctx context.Context, sandbox *rehearsal.Sandbox, rule engine.Rule) (engine.Sample, []string, error) {
	switch {
	case s.Partial != nil:
		r, filled, err := sandbox.Complete(ctx, &rule, *s.Partial)
		return engine.Sample{Received: r}, filled, err
	case s.Event != nil:
		return engine.Sample{Received: s.Event}, nil, nil
	case s.Item != nil:
		data, err := rehearsal.Fill(rule.Triggers[0].Kind, map[string]any{"item": s.Item})
		if err != nil {
			return engine.Sample{}, nil, &engine.Mismatch{Reason: err.Error()}
		}
		return engine.Sample{Data: data, Key: fmt.Sprint(s.Item)}, nil, nil
	}
	return engine.Sample{Time: s.At}, nil, nil
}

// library is where an event is looked up that was given by its id.
type library struct {
	source engine.Source
	relays []string
	// history knows events by the beginnings of their ids; nil for none.
	history history
}

// find asks the relays for the event that an argument names, and reports whether it names one.
func (s *shown) find(ctx context.Context, argument string, l library) (named bool, err error) {
	relays := l.relays
	id, err := reference.EventID(argument)
	if err != nil {
		if id, err = l.begins(ctx, argument); id == "" || err != nil {
			return false, err
		}
	}
	if ref, err := reference.Parse(argument); err == nil {
		relays = slices.Concat(relays, ref.Relays)
	}
	if len(relays) == 0 {
		return true, usage("--event: there are no relays to ask for it; name some in the configuration, or give the event as JSON")
	}
	ctx, cancel := context.WithTimeout(ctx, askFor)
	defer cancel()
	found, err := l.source.Fetch(ctx, relays, nostr.Filter{IDs: []string{id}, Limit: 1})
	if err != nil {
		return true, failed(fmt.Errorf("asking the relays for %s: %w", argument, err))
	}
	if len(found) == 0 {
		return true, failed(fmt.Errorf("no relay that was asked has the event %s; give it as JSON", argument))
	}
	s.Event = &engine.Received{Event: &found[0]}
	return true, nil
}

// begins finds the one event in the history whose id begins so; "" when the argument is no such beginning.
func (l library) begins(ctx context.Context, argument string) (string, error) {
	prefix, err := eventPrefix(argument)
	if err != nil || l.history == nil {
		return "", nil
	}
	ids, err := l.history.keys(ctx, prefix)
	switch {
	case err != nil:
		return "", failed(err)
	case len(ids) > 1:
		return "", usage("--event: %s begins the ids of %d events of the history; write more of it", argument, len(ids))
	case len(ids) == 0:
		return "", nil
	}
	return ids[0], nil
}

// writtenEvent is an event as JSON, whole or in part. From and reply_to are those of tests.
type writtenEvent struct {
	ID        string           `json:"id"`
	Pubkey    string           `json:"pubkey"`
	CreatedAt *nostr.Timestamp `json:"created_at"`
	Kind      *int             `json:"kind"`
	Tags      [][]string       `json:"tags"`
	Content   string           `json:"content"`
	Sig       string           `json:"sig"`
	From      string           `json:"from"`
	ReplyTo   string           `json:"reply_to"`
}

// readEvent reads an event. One with a signature is whole and taken as it is.
func (a *app) readEvent(argument string, s *shown) error {
	if ref, err := reference.Parse(argument); err == nil {
		return usage("--event: %s… names no event; write nevent1…, note1… or the id", ref.Type)
	}
	text, err := a.text(argument)
	if err != nil {
		return usage("--event: %v", err)
	}
	text = asJSON(text)
	var part writtenEvent
	if err := json.Unmarshal(text, &part); err != nil {
		why := engine.PlainJSON(text, err).Error()
		if !json.Valid(text) && !bytes.HasPrefix(text, []byte(`{"`)) {
			why = "it is neither YAML nor JSON"
		}
		return usage("--event: this is no event: %s; write {content: hello}", why)
	}
	if part.Sig != "" {
		var whole nostr.Event
		if err := json.Unmarshal(text, &whole); err != nil {
			return usage("--event: this is no event: %v", engine.PlainJSON(text, err))
		}
		s.Event = &engine.Received{Event: &whole, Verify: func() error { return verifies(&whole) }}
		return nil
	}
	if key := strangeKey(text); key != "" {
		return usage("--event: an event has no %s; it has %s, and may be given with from and reply_to as in tests", key,
			strings.Join(eventKeys[:7], ", "))
	}
	s.Partial = &config.TestEvent{
		From: part.From, ReplyTo: part.ReplyTo, ID: part.ID, Pubkey: part.Pubkey, Kind: part.Kind, Tags: part.Tags, Content: part.Content,
	}
	if part.CreatedAt != nil {
		at := part.CreatedAt.Time()
		s.Partial.CreatedAt = &at
	}
	return nil
}

// eventKeys are those of an event, and of one in a test.
var eventKeys = []string{"id", "pubkey", "created_at", "kind", "tags", "content", "sig", "from", "reply_to"}

// strangeKey is the first key that an event has not; "" when there is none.
func strangeKey(text []byte) string {
	var fields map[string]json.RawMessage
	if json.Unmarshal(text, &fields) != nil {
		return ""
	}
	for _, key := range slices.Sorted(maps.Keys(fields)) {
		if !slices.Contains(eventKeys, key) {
			return key
		}
	}
	return ""
}

// asJSON writes a map in YAML as JSON. What is neither stays as it is, for a message about it.
func asJSON(text []byte) []byte {
	if json.Valid(text) {
		return text
	}
	var fields map[string]any
	if yaml.Unmarshal(text, &fields) != nil || fields == nil {
		return text
	}
	written, err := json.Marshal(fields)
	if err != nil {
		return text
	}
	return written
}

func verifies(e *nostr.Event) error {
	if !e.CheckID() {
		return errors.New("the id is not the hash of the event")
	}
	if ok, err := e.CheckSignature(); err != nil || !ok {
		return errors.New("the signature does not fit")
	}
	return nil
}

// listening lists the relays of all triggers, each once.
func listening(rules []engine.Rule) []string {
	var all []string
	for _, r := range rules {
		for _, t := range r.Triggers {
			all = append(all, t.Relays...)
		}
	}
	slices.Sort(all)
	return slices.Compact(all)
}
