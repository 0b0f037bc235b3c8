package cmd

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"rhea/cmd/control"
	"rhea/cmd/screen"
)

// answersWithin is how long a bot that is well may take to answer.
const answersWithin = 5 * time.Second

func (a *app) healthcheck() *cobra.Command {
	var o output
	c := &cobra.Command{
		Use:   "healthcheck",
		Short: "Exit with 0 if the bot runs and is well, else with 1",
		Long: "Exit with 0 if the bot runs, answers within five seconds and is well, else with 1: for containers and\n" +
			"supervisors. It is not well when\n\n" +
			"- for two minutes no rule that listens has heard a relay: all are down, or refuse what is asked of them;\n" +
			"- for two minutes nothing could be stored, as on a full disk, or the state file is damaged;\n" +
			"- for ten minutes no relay could be reached while something is owed;\n" +
			"- a rule has not fired for longer than its expect_every. After a start it has two minutes to.\n\n" +
			"One rule among several that hears nothing is a warning, which is printed. A start does not mend most of\n" +
			"this: where a failed check has the bot started again, let that take some time.",
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			if err := o.check(); err != nil {
				return err
			}
			s, err := a.stateRef(o.state)
			if err != nil {
				return err
			}
			ctx, cancel := context.WithTimeout(c.Context(), answersWithin)
			defer cancel()
			live, err := control.Ask(ctx, s.path)
			if err == nil && live == nil {
				err = errors.New("the bot is not running on " + s.path)
			}
			if err != nil {
				return failed(err)
			}
			if o.json() {
				if err := printJSON(a.Out, live); err != nil {
					return err
				}
				return unwell(live, true)
			}
			for _, h := range live.Health {
				if !h.Fatal {
					printLine(a.Out, "warning: %s", screen.OneLine(h.String()))
				}
			}
			if err := unwell(live, false); err != nil {
				return err
			}
			up := 0
			for _, l := range live.Links {
				if l.Up {
					up++
				}
			}
			printLine(a.Out, "ok: pid %d, up %s, %s", live.PID, screen.Span(time.Since(live.Started)),
				fmt.Sprintf("%d of %s connected", up, screen.Count(len(live.Links), "relay link")))
			return nil
		},
	}
	o.flags(c)
	return c
}

// unwell returns an error that lists the fatal alerts, nil when there are none; said when they were printed already.
func unwell(live *control.LiveStatus, said bool) error {
	var words []string
	for _, h := range live.Health {
		if h.Fatal {
			words = append(words, screen.OneLine(h.String()))
		}
	}
	switch {
	case len(words) == 0:
		return nil
	case said:
		return &exitError{code: exitFailed}
	}
	return failed(errors.New("the bot is not well: " + strings.Join(words, "; ")))
}
