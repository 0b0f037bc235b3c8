package cmd

import (
	"cmp"
	"context"
	"time"

	"github.com/spf13/cobra"

	"rhea/cmd/control"
	"rhea/cmd/screen"
	"rhea/engine"
)

func (a *app) rerun() *cobra.Command {
	var o output
	var since string
	var dryRun bool
	c := &cobra.Command{
		Use:   "rerun RULE [KEY…]",
		Short: "Run again what failed",
		Long: "Run signals of a rule again that ended in condition_error or action_error and published nothing: all of them,\n" +
			"those since a time, or those whose key is named, in whole or by how it begins. The condition is asked and the\n" +
			"limits hold as for a new signal; max_age does not. Each runs once. What failed is kept for 30 days; an event\n" +
			"that ended in condition_error is not, because nobody had checked it. Works while the bot runs; when it does\n" +
			"not, they run at its next start. Items of feeds run again by themselves, once, when the rule's conditions\n" +
			"or actions are changed: rhea check says how many.",
		Example: "  rhea rerun blog --since 1h --dry-run\n  rhea rerun greet 9ae37aa6",
		Args:    cobra.MinimumNArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			if err := o.check(); err != nil {
				return err
			}
			from, err := sinceTime("--since", since, time.Now())
			if err != nil {
				return err
			}
			s, err := a.stateRef(o.state)
			if err != nil {
				return err
			}
			found, err := s.failures(c.Context(), args[0], args[1:], from)
			if err != nil {
				return err
			}
			return a.runAgain(c.Context(), s, &o, args[0], found, dryRun)
		},
	}
	o.flags(c)
	c.Flags().StringVar(&since, "since", "", "only what failed since: a time span, such as 1h or 7d, or a time")
	c.Flags().BoolVar(&dryRun, "dry-run", false, "only show what would run again, and how it ended")
	return c
}

// failures finds what an order is about.
func (s stateRef) failures(ctx context.Context, rule string, names []string, since time.Time) (found []engine.Failure, err error) {
	r, err := s.reader()
	if err != nil {
		return nil, err
	}
	kept, err := control.Failures(ctx, r, rule)
	if err := joinFailed(err, r.Close()); err != nil {
		return nil, err
	}
	if err := s.checkRule(map[string]bool{rule: len(kept) > 0}, rule); err != nil {
		return nil, err
	}
	keys := make([]string, len(kept))
	for i, f := range kept {
		keys[i] = f.Key
	}
	meant := make(map[string]bool)
	for _, name := range names {
		one, err := oneKey(keys, name, "nothing that failed is kept under %s; `rhea rerun "+rule+" --dry-run` shows what is")
		if err != nil {
			return nil, cmp.Or(s.unverified(ctx, rule, name), err)
		}
		meant[one[0]] = true
	}
	for _, f := range kept {
		if !f.At.Before(since) && (len(names) == 0 || meant[f.Key]) {
			found = append(found, f)
		}
	}
	return found, nil
}

// unverified returns why an event that ended in condition_error cannot run again, nil when it did not end so.
func (s stateRef) unverified(ctx context.Context, rule, name string) error {
	id, err := eventPrefix(name)
	if err != nil {
		return nil
	}
	r, err := s.reader()
	if err != nil {
		return err
	}
	found, err := r.History(ctx, engine.HistoryQuery{Rule: rule, Outcome: engine.ConditionError, Event: id, Limit: 1})
	if err := joinFailed(err, r.Close()); err != nil || len(found) == 0 || found[0].Relay == "" {
		return err
	}
	return usage("the event %s ended in condition_error and is not kept: its signature had not been checked. It is answered "+
		"when its author writes again; `rhea explain --event %[1]s` shows why it failed", found[0].Key)
}

func (a *app) runAgain(ctx context.Context, s stateRef, o *output, rule string, found []engine.Failure, dryRun bool) error {
	answer, running := control.RerunAnswer{Rule: rule, Items: append([]engine.Failure{}, found...)}, true
	if len(found) > 0 && !dryRun {
		order := control.RerunOrder{Rule: rule}
		for _, f := range found {
			order.Keys = append(order.Keys, f.Key)
		}
		var controls control.Controls
		var err error
		if controls, running, err = a.controls(ctx, s); err != nil {
			return err
		}
		answer, err = controls.Rerun(ctx, order)
		if err := joinFailed(err, controls.Close()); err != nil {
			return err
		}
	}
	if o.json() {
		return printJSON(a.Out, answer)
	}
	if len(answer.Items) == 0 {
		printLine(a.Out, "There is nothing to run again.")
		return nil
	}
	t := screen.Table{Columns: []screen.Column{{Title: "FAILED"}, {Title: "OUTCOME"}, {Title: "ON", Least: 10}, {Title: "WHY", Least: 20}}}
	for _, f := range answer.Items {
		on := f.Title
		if on == "" {
			on = f.Key
		}
		t.Add(screen.Ago(f.At, time.Now()), string(f.Outcome), on, f.Reason)
	}
	t.Write(a.Out)
	switch n := screen.Count(len(answer.Items), "signal"); {
	case dryRun:
		printLine(a.Out, "\n%s of %s would run again", n, rule)
	case running:
		printLine(a.Out, "\n%s of %s: running again", n, rule)
	default:
		printLine(a.Out, "\n%s of %s: the bot is not running; they run at its next start", n, rule)
	}
	return nil
}
