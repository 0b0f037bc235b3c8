package cmd

import (
	"context"
	"encoding/json"
	"errors"
	"strings"
	"time"

	"github.com/nbd-wtf/go-nostr"
	"github.com/spf13/cobra"

	"rhea/engine"
	"rhea/engine/config"
	"rhea/engine/expression"
	"rhea/engine/language"
	"rhea/engine/ledger/memory"
	"rhea/engine/rehearsal"
	"rhea/engine/relay"
	"rhea/engine/thread"
)

// evaluating is what an expression is evaluated with.
type evaluating struct {
	given
	kind          string
	scope, online bool
}

func (a *app) eval() *cobra.Command {
	var o evaluating
	c := &cobra.Command{
		Use:   "eval EXPR",
		Short: "Evaluate an expression",
		Long: "Evaluate an expression as a rule would, with an event, an item of a feed or a planned time. It needs\n" +
			"neither a configuration nor a key. --scope lists what an expression may name.",
		Example: "  rhea eval 'event.hashtags' --event '{\"content\": \"hi\", \"tags\": [[\"t\", \"go\"]]}'\n" +
			"  rhea eval 'author.name' --event nevent1…\n" +
			"  rhea eval 'truncate(item.title, 20)' --item '{title: Hello}'\n  rhea eval --scope --trigger schedule",
		Args: cobra.MaximumNArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			if len(args) == 0 && !o.scope {
				return usage("write an expression, or --scope to see what it may name")
			}
			kind, err := a.triggerKind(o.given, o.kind)
			if err != nil {
				return err
			}
			if o.scope {
				if err := a.listScope(kind); err != nil {
					return err
				}
			}
			if len(args) == 0 {
				return nil
			}
			// Without a usable configuration there are no data and no relays; the expression may not need any.
			file, err := a.read(true)
			if err != nil || file == nil {
				file = new(config.File)
			}
			data, err := a.evalData(c.Context(), o, kind, file)
			if err != nil {
				return err
			}
			compiler, err := expression.New(kind.Data)
			if err != nil {
				return failed(err)
			}
			v, err := compiler.WithData(file.Data).Evaluate(args[0], data)
			if err != nil {
				return failed(err)
			}
			printLine(a.Out, "%s", expression.Show(v, expression.MaxText))
			return nil
		},
	}
	flags := c.Flags()
	flags.StringVar(&o.event, "event", "", "an event as YAML or JSON, whole or in part: {content: hello}; a file, - for standard input, or an id (nevent1…, note1…, hex) that the relays of the configuration are asked for")
	flags.StringVar(&o.item, "item", "", "an item of a feed, as YAML or JSON, or a file with one")
	flags.StringVar(&o.at, "at", "", "a planned time")
	flags.StringVar(&o.kind, "trigger", "", "the kind of trigger whose variables are there (default: nostr, feed or schedule, as given)")
	flags.BoolVar(&o.scope, "scope", false, "list what an expression may name")
	flags.BoolVar(&o.online, "online", false, "ask relays for the author's profile and for what the event answers (always for an event named by its id)")
	c.MarkFlagsMutuallyExclusive("event", "item", "at")
	return c
}

// triggerKind is the kind that was named, or the one that fits what is given.
func (a *app) triggerKind(g given, name string) (engine.TriggerKind, error) {
	if name == "" {
		switch {
		case g.item != "":
			name = "feed"
		case g.at != "":
			name = "schedule"
		default:
			name = "nostr"
		}
	}
	var names []string
	for _, k := range a.kinds.Triggers {
		if k.Name == name {
			return k, nil
		}
		names = append(names, k.Name)
	}
	return engine.TriggerKind{}, usage("--trigger: there is no kind %s; the kinds are %s", name, strings.Join(names, ", "))
}

// listScope lists variables with their members, and functions.
func (a *app) listScope(kind engine.TriggerKind) error {
	l := &listing{Language: language.Describe(a.kinds), out: a.Out}
	for _, n := range expression.Names(kind.Data) {
		path := n.Path
		if n.Method {
			path += "(…)"
		}
		l.entry(path, n.Type, "", 0)
	}
	printLine(a.Out, "")
	return l.functions("")
}

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
		sandbox := rehearsal.New(rehearsal.Options{Start: time.Now()})
		if shown.Event, _, err = sandbox.Complete(ctx, nil, *shown.Partial); err != nil {
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
