package cmd

import (
	"errors"
	"strings"
	"time"

	"github.com/nbd-wtf/go-nostr"
	"github.com/spf13/cobra"

	"rhea/engine"
	"rhea/engine/expression"
	"rhea/engine/ledger/memory"
	"rhea/engine/rehearsal"
	"rhea/engine/relay"
)

func (a *app) eval() *cobra.Command {
	var g given
	var kindName string
	var scope bool
	c := &cobra.Command{
		Use:   "eval EXPR",
		Short: "Evaluate an expression",
		Long: "Evaluate an expression as a rule would, with an event, an item of a feed or a planned time. It needs\n" +
			"neither a configuration nor a key. --scope lists what an expression may name.",
		Example: "  rhea eval 'event.hashtags' --event '{\"content\": \"hi\", \"tags\": [[\"t\", \"go\"]]}'\n" +
			"  rhea eval 'truncate(item.title, 20)' --item '{title: Hello}'\n  rhea eval --scope --trigger schedule",
		Args: cobra.MaximumNArgs(1),
		RunE: func(c *cobra.Command, args []string) (err error) {
			if len(args) == 0 && !scope {
				return usage("write an expression, or --scope to see what it may name")
			}
			kind, err := a.triggerKind(g, kindName)
			if err != nil {
				return err
			}
			network := relay.New(relay.Options{Positions: memory.New()})
			defer func() { err = errors.Join(err, network.Close()) }()
			var data engine.Data
			if g != (given{}) {
				shown, _, err := a.show(c.Context(), g, nil, network)
				if err != nil {
					return err
				}
				if data, err = dataOf(kind, shown); err != nil {
					return usage("%v", err)
				}
			} else if data, err = rehearsal.Fill(kind, nil); err != nil {
				return failed(err)
			}
			if scope {
				a.listScope(kind)
			}
			if len(args) == 0 {
				return nil
			}
			compiler, err := expression.New(kind.Data)
			if err != nil {
				return failed(err)
			}
			// Without a usable configuration there is no data; the expression may not need any.
			if file, err := a.read(true); err == nil && file != nil {
				compiler = compiler.WithData(file.Data)
			}
			v, err := compiler.Evaluate(args[0], data)
			if err != nil {
				return failed(err)
			}
			say(a.Out, "%s", expression.Show(v, expression.MaxText))
			return nil
		},
	}
	flags := c.Flags()
	flags.StringVar(&g.event, "event", "", "an event: JSON, a file, or - for standard input")
	flags.StringVar(&g.item, "item", "", "an item of a feed, as YAML or JSON, or a file with one")
	flags.StringVar(&g.at, "at", "", "a planned time")
	flags.StringVar(&kindName, "trigger", "", "the kind of trigger whose variables are there (default: nostr, feed or schedule, as given)")
	flags.BoolVar(&scope, "scope", false, "list what an expression may name")
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

// dataOf makes the data of a kind with what is shown.
func dataOf(kind engine.TriggerKind, s shown) (engine.Data, error) {
	switch {
	case s.Event != nil:
		return rehearsal.Fill(kind, eventFields(s.Event.Event))
	case s.Item != nil:
		return rehearsal.Fill(kind, map[string]any{"item": s.Item})
	}
	return rehearsal.Fill(kind, map[string]any{"now": time.Now(), "schedule": map[string]any{"time": s.At}})
}

// eventFields are the variables of an event.
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
		"now": time.Now(), "author": map[string]any{"pubkey": e.PubKey},
		"event": map[string]any{
			"id": e.ID, "pubkey": e.PubKey, "created_at": e.CreatedAt.Time().UTC(), "kind": e.Kind, "tags": tags, "content": e.Content,
		},
	}
}

// listScope lists variables with their members, and functions.
func (a *app) listScope(kind engine.TriggerKind) {
	for _, n := range expression.Names(kind.Data) {
		path := n.Path
		if n.Method {
			path += "(…)"
		}
		say(a.Out, "%-28s %s", path, n.Type)
	}
	say(a.Out, "")
	for _, f := range expression.Functions() {
		say(a.Out, "%-28s %s", f.Signature, f.Doc)
	}
	for _, line := range wrap("and those of expr: "+strings.Join(expression.Builtins(), ", "), cardWidth) {
		say(a.Out, "%s", line)
	}
}
