package cmd

import (
	"strings"

	"github.com/spf13/cobra"

	"rhea/engine"
	"rhea/engine/config"
	"rhea/engine/expression"
	"rhea/engine/language"
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
			say(a.Out, "%s", expression.Show(v, expression.MaxText))
			return nil
		},
	}
	flags := c.Flags()
	flags.StringVar(&o.event, "event", "", "an event: JSON, whole or in part, a file, - for standard input, or an id (nevent1…, note1…, hex) that the relays of the configuration are asked for")
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
	say(a.Out, "")
	return l.functions("")
}
