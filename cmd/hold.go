package cmd

import (
	"context"
	"time"

	"github.com/spf13/cobra"

	"rhea/cmd/control"
	"rhea/cmd/screen"
)

func (a *app) hold() *cobra.Command {
	var reason string
	c := a.holding("hold RULE", control.Controls.Hold, func(h control.HoldAnswer) {
		if len(h.Holds) > 0 {
			printLine(a.Out, "%s is held already: %s (%s)", h.Rule, h.Holds[0].Reason, screen.Ago(h.Holds[0].Since, time.Now()))
			return
		}
		printLine(a.Out, "%[1]s is held; rhea resume %[1]s lets it go on", h.Rule)
	}, &reason)
	c.Short = "Stop a rule until it is resumed"
	c.Long = "Stop a rule until `rhea resume RULE`, also over restarts. It makes nothing new meanwhile; what it has made\n" +
		"already is still sent, unless `rhea outbox drop` says otherwise. Works while the bot runs and when it does not."
	c.Example = "  rhea hold greet --reason 'wrong answers'"
	c.Flags().StringVar(&reason, "reason", "", "why, for the log, the history and rhea status")
	return c
}

func (a *app) resume() *cobra.Command {
	c := a.holding("resume RULE", control.Controls.Resume, func(h control.HoldAnswer) {
		if len(h.Holds) == 0 {
			printLine(a.Out, "%s was not held", h.Rule)
			return
		}
		for _, was := range h.Holds {
			printLine(a.Out, "%s goes on; it was held since %s: %s", h.Rule, was.Since.UTC().Format(time.RFC3339), was.Reason)
		}
	}, new(string))
	c.Short = "Let a held rule go on"
	c.Long = "Let a rule go on that `rhea hold`, its flood stop or one of its feeds holds. A feed of it that rests because\n" +
		"its server failed, wants to be left alone or said that it is gone (410) is asked at once. Works while the\n" +
		"bot runs and when it does not."
	c.Example = "  rhea resume greet"
	return c
}

// holding is what the two verbs have in common.
func (a *app) holding(
	use string, do func(control.Controls, context.Context, control.HoldOrder) (control.HoldAnswer, error), tell func(control.HoldAnswer), reason *string,
) *cobra.Command {
	var o output
	c := &cobra.Command{Use: use, Args: cobra.ExactArgs(1)}
	o.flags(c)
	c.RunE = func(c *cobra.Command, args []string) error {
		if err := o.check(); err != nil {
			return err
		}
		s, err := a.stateRef(o.state)
		if err != nil {
			return err
		}
		if err := s.checkRule(nil, args[0]); err != nil {
			return err
		}
		controls, _, err := a.controls(c.Context(), s)
		if err != nil {
			return err
		}
		h, err := do(controls, c.Context(), control.HoldOrder{Rule: args[0], Reason: *reason})
		if err := joinFailed(err, controls.Close()); err != nil {
			return err
		}
		if o.json() {
			return printJSON(a.Out, h)
		}
		tell(h)
		return nil
	}
	return c
}
