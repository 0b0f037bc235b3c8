package cmd

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"rhea/cmd/control"
	"rhea/engine"
	"rhea/engine/config"
)

func (a *app) next() *cobra.Command {
	var n int
	var state, format string
	c := &cobra.Command{
		Use:   "next [RULE...]",
		Short: "Say when rules will fire or look next",
		Long: "Say when the schedules and polls of all rules, or of some, come next: in the zone of the rule and in UTC.\n" +
			"It can be asked while the bot runs.",
		Example: "  rhea next\n  rhea next -n 10 meetup\n  rhea next -o json",
		RunE: func(c *cobra.Command, names []string) error {
			if format != "text" && format != "json" {
				return usage("--output %s: write text or json", format)
			}
			if n < 1 {
				return usage("-n %d: write 1 or more", n)
			}
			file, err := a.load()
			if err != nil {
				return err
			}
			rules, err := chosenRules(file, names)
			if err != nil {
				return err
			}
			coming, err := nextRuns(c.Context(), rules, statePath(file, state), time.Now(), n)
			if err != nil {
				return failed(err)
			}
			if format == "json" {
				return failed(printRunsJSON(a.Out, coming))
			}
			return failed(printRuns(a.Out, coming, time.Now()))
		},
	}
	flags := c.Flags()
	flags.IntVarP(&n, "number", "n", 3, "how many times of each trigger")
	flags.StringVarP(&format, "output", "o", "text", "how to write them: text or json, one object a line")
	flags.StringVar(&state, "state", "", "the state file (default: as configured, else rhea.db beside the configuration)")
	return c
}

// chosenRules returns the rules of those names, or all that are enabled.
func chosenRules(file *config.File, names []string) ([]engine.Rule, error) {
	if len(names) == 0 {
		return slices.DeleteFunc(slices.Clone(file.Rules), func(r engine.Rule) bool { return r.Disabled }), nil
	}
	var rules []engine.Rule
	for _, name := range names {
		r, ok := file.Rule(name)
		if !ok {
			return nil, usage("there is no rule %s; there is %s", name, ruleNames(file))
		}
		rules = append(rules, *r)
	}
	return rules, nil
}

// comingRun is one time of one trigger.
type comingRun struct {
	rule, trigger string
	engine.Planned
}

// storedPositions reads the positions of a bot that may be running.
type storedPositions interface {
	engine.Positions
	io.Closer
}

// neverRan is the state of a bot that was not started yet.
type neverRan struct{}

// Position implements [engine.Positions].
func (neverRan) Position(context.Context, string) (string, error) { return "", nil }

// Close implements [io.Closer].
func (neverRan) Close() error { return nil }

func openPositions(path string) (storedPositions, error) {
	reader, err := control.OpenReader(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return neverRan{}, nil
	case err != nil:
		return nil, err
	}
	return reader, nil
}

// nextRuns asks every trigger that can tell for its next n times and puts them in order.
func nextRuns(ctx context.Context, rules []engine.Rule, path string, now time.Time, n int) (coming []comingRun, err error) {
	stored, err := openPositions(path)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, stored.Close()) }()
	for _, r := range rules {
		for i, stream := range r.Streams() {
			t := r.Triggers[i]
			trigger, err := t.Kind.Build(t.Config, engine.Setup{Rule: r.Name, Stream: stream, Relays: t.Relays})
			if err != nil {
				return nil, fmt.Errorf("rule %s: %w", r.Name, err)
			}
			planner, ok := trigger.(engine.Planner)
			if !ok {
				continue // It waits for what others do.
			}
			planned, err := planner.Plan(ctx, stored, now, n)
			if err != nil {
				return nil, fmt.Errorf("rule %s: %w", r.Name, err)
			}
			for _, p := range planned {
				coming = append(coming, comingRun{r.Name, t.Kind.Name, p})
			}
		}
	}
	slices.SortStableFunc(coming, func(a, b comingRun) int {
		return cmp.Or(a.Time.Compare(b.Time), strings.Compare(a.rule, b.rule))
	})
	return coming, nil
}

// nextPlanned is the next time that the schedule of a rule plans; "" for a rule without one.
func nextPlanned(ctx context.Context, rule engine.Rule, state string) (string, error) {
	if len(rule.Triggers) == 0 || rule.Triggers[0].Kind.Name != "schedule" {
		return "", nil
	}
	coming, err := nextRuns(ctx, []engine.Rule{rule}, state, time.Now(), 1)
	if err != nil || len(coming) == 0 {
		return "", err
	}
	return coming[0].Time.Format(time.RFC3339), nil
}

// printRuns writes a table that fits into 80 columns while the names of rules have up to 16 letters.
func printRuns(out io.Writer, coming []comingRun, now time.Time) error {
	if len(coming) == 0 {
		printLine(out, "nothing is planned")
		return nil
	}
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "RULE\tWHEN\tUTC\tIN")
	for _, c := range coming {
		in := roughly(c.Time.Sub(now))
		if c.Note != "" {
			in += " (" + c.Note + ")"
		}
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\n", c.rule,
			shortTime(c.Time, "Mon 2006-01-02 15:04", " MST"), shortTime(c.Time.UTC(), "2006-01-02 15:04", ""), in)
	}
	return w.Flush()
}

// roughly writes a time span in its two largest units.
func roughly(d time.Duration) string {
	const day = 24 * time.Hour
	switch {
	case d <= 0:
		return "now"
	case d >= day:
		return fmt.Sprintf("%dd %dh", d/day, d%day/time.Hour)
	case d >= time.Hour:
		return fmt.Sprintf("%dh %dm", d/time.Hour, d%time.Hour/time.Minute)
	case d >= time.Minute:
		return fmt.Sprintf("%dm %ds", d/time.Minute, d%time.Minute/time.Second)
	}
	return fmt.Sprintf("%ds", d/time.Second)
}

// shortTime leaves out the seconds of a full minute.
func shortTime(t time.Time, layout, zone string) string {
	if t.Truncate(time.Minute).Equal(t) {
		return t.Format(layout + zone)
	}
	return t.Format(layout + ":05" + zone)
}

func printRunsJSON(out io.Writer, coming []comingRun) error {
	e := json.NewEncoder(out)
	for _, c := range coming {
		line := struct {
			Rule    string    `json:"rule"`
			Trigger string    `json:"trigger"`
			Time    time.Time `json:"time"`
			UTC     time.Time `json:"utc"`
			Zone    string    `json:"zone"`
			Note    string    `json:"note,omitempty"`
		}{c.rule, c.trigger, c.Time, c.Time.UTC(), c.Time.Location().String(), c.Note}
		if err := e.Encode(line); err != nil {
			return err
		}
	}
	return nil
}
