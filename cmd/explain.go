package cmd

import (
	"io"
	"strings"

	"github.com/spf13/cobra"

	"rhea/engine"
)

func (a *app) explain() *cobra.Command {
	var o explainOptions
	c := &cobra.Command{
		Use:   "explain [RULE]",
		Short: "Say why a rule would or would not fire",
		Long: "Say gate by gate what a rule makes of an event, an item of a feed or a planned time, with the value of\n" +
			"every part of its condition, and what it would publish and where. Without RULE, all rules are asked and\n" +
			"the closest one comes first. Nothing is sent or stored; the state file is read, so that what was\n" +
			"answered already is told. A rule with a schedule is asked about its next planned time, when nothing\n" +
			"else is given. With --then, it is judged as at the time that the history tells of.",
		Example: "  rhea explain greet --event nevent1…\n  rhea explain --event '{content: hello}'\n" +
			"  rhea explain blog --item '{title: Hello, link: https://blog.example/1}'\n" +
			"  rhea explain meetup\n  rhea explain meetup --at 2026-03-05T18:00:00+01:00",
		Args: cobra.MaximumNArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			if o.format != "text" && o.format != "json" {
				return usage("--format: %q is neither text nor json", o.format)
			}
			file, err := a.load()
			if err != nil {
				return err
			}
			rules := file.Rules
			if len(args) == 1 {
				rule, ok := file.Rule(args[0])
				if !ok {
					return usage("there is no rule %s; there is %s", args[0], ruleNames(file))
				}
				rules = []engine.Rule{*rule}
			}
			if o.given == (given{}) && len(args) == 1 {
				if o.at, err = nextPlanned(c.Context(), rules[0], statePath(file, o.state)); err != nil {
					return failed(err)
				}
			}
			verdicts, err := a.verdicts(c.Context(), file, rules, o)
			if err != nil {
				return err
			}
			if o.format == "json" {
				var b strings.Builder
				err := writeVerdicts(&b, verdicts)
				if err == nil {
					_, err = io.WriteString(a.Out, b.String())
				}
				return failed(err)
			}
			return failed(a.printVerdicts(verdicts))
		},
	}
	flags := c.Flags()
	flags.StringVar(&o.event, "event", "", "an event as YAML or JSON, whole or in part: {content: hello}; a file, - for standard input, or an id (nevent1…, note1…, hex, or how one of the history begins) that relays are asked for")
	flags.StringVar(&o.item, "item", "", "an item of a feed, as YAML or JSON: {title: Hello}; or a file with one")
	flags.StringVar(&o.at, "at", "", "a planned time, such as 2026-03-05T18:00:00+01:00; for events and items, the time of the judgement")
	flags.StringVar(&o.state, "state", "", "the state file (default: as configured, else rhea.db beside the configuration)")
	flags.StringVar(&o.format, "format", "text", "how to tell: text or json")
	flags.BoolVar(&o.then, "then", false, "judge as of the time that the history tells of, before the answer was remembered")
	flags.BoolVar(&o.online, "online", false, "ask relays for profiles and parents, and servers what an action asks them (always for an event named by its id)")
	flags.BoolVar(&o.skipKeys, "skip-keys", false, "do not open the keys; made-up ones stand for them")
	c.MarkFlagsMutuallyExclusive("event", "item")
	return c
}
