package cmd

import (
	"context"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"gopkg.in/yaml.v3"

	"rhea/engine"
	"rhea/engine/config"
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
		if named, err = s.look(ctx, g.event, l); !named && err == nil {
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

// sample makes of it what a rule can be shown on a stage, and tells what of it was made up.
func (s shown) sample(ctx context.Context, stage *rehearsal.Sandbox, rule engine.Rule) (engine.Sample, []string, error) {
	switch {
	case s.Partial != nil:
		r, filled, err := stage.Complete(ctx, &rule, *s.Partial)
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
