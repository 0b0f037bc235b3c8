package cmd

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/spf13/cobra"
)

func (a *app) healthcheck() *cobra.Command {
	var o output
	c := &cobra.Command{
		Use:   "healthcheck",
		Short: "Exit with 0 if the bot runs and answers, else with 1",
		Long:  "Exit with 0 if the bot runs and answers within five seconds, else with 1: for containers and supervisors.",
		Args:  cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			if err := o.check(); err != nil {
				return err
			}
			s, err := a.station(o.state)
			if err != nil {
				return err
			}
			ctx, cancel := context.WithTimeout(c.Context(), dialTimeout)
			defer cancel()
			live, err := askStatus(ctx, s.path)
			if err == nil && live == nil {
				err = errors.New("the bot is not running on " + s.path)
			}
			if err != nil {
				return failed(err)
			}
			if o.json() {
				return printJSON(a.Out, live)
			}
			up := 0
			for _, l := range live.Links {
				if l.Up {
					up++
				}
			}
			say(a.Out, "ok: pid %d, up %s, %s", live.PID, span(time.Since(live.Started)),
				fmt.Sprintf("%d of %s connected", up, count(len(live.Links), "relay link")))
			return nil
		},
	}
	o.flags(c)
	return c
}
