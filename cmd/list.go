package cmd

import (
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/spf13/cobra"

	"rhea/cmd/screen"
	"rhea/engine/language"
)

// listWidth is what fits on a terminal.
const listWidth = 80

func (a *app) list() *cobra.Command {
	var format string
	c := &cobra.Command{
		Use:   "list [triggers|actions|functions|variables [name]]",
		Short: "Say what a configuration may use",
		Long: "Say what a configuration may use: all triggers, actions or functions with a line each, or one with all its\n" +
			"keys. Variables are those of one trigger, or of all.",
		Example: "  rhea list triggers\n  rhea list actions publish\n  rhea list variables feed\n  rhea list functions -o json",
		Args:    cobra.MaximumNArgs(2),
		RunE: func(_ *cobra.Command, args []string) error {
			if len(args) == 0 {
				return listTopics(a.Out)
			}
			if !slices.Contains(topics, args[0]) {
				return usage("there is no list of %s; there are %s", args[0], strings.Join(topics, ", "))
			}
			l := &listing{Language: language.Describe(a.kinds), out: a.Out, json: format == "json"}
			if format != "text" && format != "json" {
				return usage("-o: %q is neither text nor json", format)
			}
			return l.topic(args[0], strings.Join(args[1:], ""))
		},
	}
	c.Flags().StringVarP(&format, "output", "o", "text", "how to print: text or json")
	return c
}

// topics are the lists that there are.
var topics = []string{"triggers", "actions", "functions", "variables"}

// listTopics says which lists there are.
func listTopics(out io.Writer) error {
	l := &listing{out: out}
	for i, about := range []string{
		"what sets a rule off", "what a rule does", "what expressions may call", "what expressions may name, by trigger",
	} {
		l.entry("rhea list "+topics[i], "", about, 0)
	}
	return nil
}

// listing prints parts of the language.
type listing struct {
	language.Language
	out  io.Writer
	json bool
}

func (l *listing) topic(topic, name string) error {
	switch topic {
	case "triggers":
		return l.kinds("trigger", l.Triggers, name)
	case "actions":
		return l.kinds("action", l.Actions, name)
	case "functions":
		return l.functions(name)
	default:
		return l.variables(name)
	}
}

func (l *listing) kinds(what string, all []language.Kind, name string) error {
	if name == "" {
		if l.json {
			return l.print(all)
		}
		for _, k := range all {
			l.entry(k.Name, "", k.Doc, 0)
		}
		return nil
	}
	i := slices.IndexFunc(all, func(k language.Kind) bool { return k.Name == name })
	if i < 0 {
		return usage("there is no %s %s; `rhea list %ss` names them all", what, name, what)
	}
	if l.json {
		return l.print(all[i])
	}
	fmt.Fprintln(l.out, strings.TrimSpace(name+" "+all[i].Doc))
	if len(all[i].Keys) > 0 {
		fmt.Fprintf(l.out, "\nIts keys:\n")
		l.keys(all[i].Keys, 0)
	}
	if len(all[i].Variables) > 0 {
		fmt.Fprintf(l.out, "\nIts variables: rhea list variables %s\n", name)
	}
	if what == "action" {
		fmt.Fprintf(l.out, "\nBeside it may stand:\n")
		l.keys(l.Beside, 0)
	}
	return nil
}

func (l *listing) keys(keys []language.Key, depth int) {
	for _, k := range keys {
		about := k.Type
		if len(k.Choices) > 0 {
			about = strings.Join(k.Choices, ", ")
		}
		switch {
		case k.Required:
			about += "; required"
		case k.Default != "":
			about += "; " + k.Default + " unless it says otherwise"
		}
		l.entry(k.Name, about, k.Doc, depth)
		l.keys(k.Keys, depth+1)
	}
}

func (l *listing) functions(name string) error {
	all := l.Functions
	if name != "" {
		all = slices.DeleteFunc(slices.Clone(all), func(f language.Function) bool { return f.Name != name })
		switch {
		case len(all) == 0 && slices.Contains(l.Builtins, name):
			printLine(l.out, "%s is a function of expr: https://expr-lang.org/docs/language-definition#%s", name, strings.ToLower(name))
			return nil
		case len(all) == 0:
			return usage("there is no function %s; `rhea list functions` names them all", name)
		}
	}
	if l.json {
		return l.print(all)
	}
	for _, f := range all {
		l.entry(f.Signature, "", f.Doc, 0)
	}
	if name == "" {
		fmt.Fprintln(l.out, "\nexpr's own (https://expr-lang.org/docs/language-definition):")
		for _, line := range screen.Wrap(strings.Join(l.Builtins, ", "), listWidth-2) {
			fmt.Fprintln(l.out, "  "+line)
		}
	}
	return nil
}

func (l *listing) variables(trigger string) error {
	kinds := l.Triggers
	if trigger != "" {
		kinds = slices.DeleteFunc(slices.Clone(kinds), func(k language.Kind) bool { return k.Name != trigger })
		if len(kinds) == 0 {
			return usage("there is no trigger %s; `rhea list triggers` names them all", trigger)
		}
	}
	if l.json {
		by := make(map[string][]language.Variable, len(kinds))
		for _, k := range kinds {
			by[k.Name] = k.Variables
		}
		return l.print(by)
	}
	for i, k := range kinds {
		if trigger == "" {
			if i > 0 {
				fmt.Fprintln(l.out)
			}
			fmt.Fprintf(l.out, "%s offers\n", k.Name)
		}
		for _, v := range k.Variables {
			l.entry(v.Name, v.Type, v.Doc, 0)
		}
	}
	return nil
}

// entry prints a name with its description, wrapped beside or below.
func (l *listing) entry(name, about, doc string, depth int) {
	const column = 24
	if about != "" && doc != "" {
		about += ". "
	}
	indent := strings.Repeat("  ", depth+1)
	label := indent + name
	if utf8.RuneCountInString(label) >= column {
		fmt.Fprintln(l.out, label)
		label = ""
	}
	for _, line := range screen.Wrap(about+doc, listWidth-column) {
		pad := strings.Repeat(" ", column-utf8.RuneCountInString(label))
		fmt.Fprintln(l.out, strings.TrimRight(label+pad+line, " "))
		label = ""
	}
}

func (l *listing) print(v any) error {
	e := json.NewEncoder(l.out)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	return failed(e.Encode(v))
}
