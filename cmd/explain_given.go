package cmd

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
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
	Item  map[string]any
	At    time.Time
}

// maxGiven is the size of what is read, in bytes.
const maxGiven = 1 << 20

// show reads what was given. Named says that an event was named by its id and came from a relay.
func (a *app) show(ctx context.Context, g given, rules []engine.Rule, source engine.Source) (s shown, named bool, err error) {
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
		s.Event, named, err = a.event(ctx, g.event, rules, source)
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

// event reads an event, or asks the relays of the rules for the one that was named.
func (a *app) event(ctx context.Context, argument string, rules []engine.Rule, source engine.Source) (*engine.Received, bool, error) {
	if id, err := reference.EventID(argument); err == nil {
		relays := listening(rules)
		if ref, err := reference.Parse(argument); err == nil {
			relays = append(relays, ref.Relays...)
		}
		ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
		defer cancel()
		found, err := source.Fetch(ctx, relays, nostr.Filter{IDs: []string{id}, Limit: 1})
		if err != nil {
			return nil, true, failed(fmt.Errorf("asking the relays for %s: %w", argument, err))
		}
		if len(found) == 0 {
			return nil, true, failed(fmt.Errorf("no relay of the configuration has the event %s; give it as JSON", argument))
		}
		return &engine.Received{Event: &found[0]}, true, nil
	}
	text, err := a.text(argument)
	if err != nil {
		return nil, false, usage("--event: %v", err)
	}
	e := nostr.Event{Kind: nostr.KindTextNote, Tags: nostr.Tags{}}
	if err := json.Unmarshal(text, &e); err != nil {
		return nil, false, usage("--event: this is no event as JSON: %v", err)
	}
	if e.CreatedAt == 0 {
		e.CreatedAt = nostr.Now()
	}
	if e.PubKey == "" {
		stranger, err := rehearsal.Cast([]config.Identity{{Name: "stranger"}})
		if err != nil {
			return nil, false, failed(err)
		}
		e.PubKey = stranger["stranger"].Signer.PublicKey()
	}
	if e.ID == "" && e.Sig == "" {
		e.ID = e.GetID() // Made up on the command line: nobody has signed it.
		return &engine.Received{Event: &e}, false, nil
	}
	return &engine.Received{Event: &e, Verify: func() error { return verifies(&e) }}, false, nil
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

// sample makes of it what a rule can be shown.
func (s shown) sample(rule engine.Rule) (engine.Sample, error) {
	switch {
	case s.Event != nil:
		return engine.Sample{Received: s.Event}, nil
	case s.Item != nil:
		data, err := rehearsal.Fill(rule.Triggers[0].Kind, map[string]any{"item": s.Item})
		if err != nil {
			return engine.Sample{}, &engine.Mismatch{Reason: err.Error()}
		}
		return engine.Sample{Data: data, Key: fmt.Sprint(s.Item)}, nil
	}
	return engine.Sample{Time: s.At}, nil
}
