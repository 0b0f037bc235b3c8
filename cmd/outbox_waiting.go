package cmd

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"rhea/cmd/control"
	"rhea/cmd/screen"
)

// waitingJSON is a signal that waits.
type waitingJSON struct {
	Rule    string     `json:"rule"`
	Key     string     `json:"key"`
	Trigger string     `json:"trigger"`
	Since   *time.Time `json:"since"`
	// Author is a public key, "" for feeds and schedules.
	Author string `json:"author"`
	// Words is how its text begins, on one line.
	Words string `json:"words"`
}

// waiting reads what waits for a rule, or for any without one, at most n of it, 0 for all. More reports that there is more.
func (s stateRef) waiting(ctx context.Context, rule string, n int) (found []waitingJSON, more bool, err error) {
	r, err := s.reader()
	if err != nil {
		return nil, false, err
	}
	found = []waitingJSON{}
	for w, e := range control.Waiting(ctx, r, rule) {
		if more = n > 0 && len(found) == n; e != nil || more {
			err = e
			break
		}
		i := w.Info()
		found = append(found, waitingJSON{w.Rule, w.Key, i.Trigger, screen.Moment(i.Since), i.Author, screen.OneLine(i.Words)})
	}
	return found, more, joinFailed(err, r.Close())
}

func (a *app) listWaiting(found []waitingJSON, more bool, now time.Time) {
	printLine(a.Out, "Waiting for a limit of their rule, in this order:")
	t := screen.Table{Columns: []screen.Column{
		{Title: "KEY", Least: 8}, {Title: "RULE", Least: 8}, {Title: "SINCE"}, {Title: "AUTHOR"}, {Title: "WORDS", Least: 20},
	}}
	for _, w := range found {
		key, since := w.Key, ""
		if isEventID(key) {
			key = screen.Short(key)
		}
		if w.Since != nil {
			since = screen.Ago(*w.Since, now)
		}
		author := w.Author
		if author != "" {
			author = screen.Short(author)
		}
		t.Add(key, w.Rule, since, author, w.Words)
	}
	t.Write(a.Out)
	if more {
		printLine(a.Out, "… and more; -n 0 lists all")
	}
}

// orWaiting gives a verb about deliveries the flag --waiting, with which it is about what waits for a limit.
func (a *app) orWaiting(v *outboxVerb, c *cobra.Command) *cobra.Command {
	var rule string
	c.Use += " | --waiting RULE [KEY]"
	c.Long += "\n\nWith --waiting, drop the signals that wait for the limit of a rule (on_limit: queue), or the one whose key is\n" +
		"named, in whole or by how it begins. They are not answered any more."
	c.Example += "\n  rhea outbox drop --waiting greet\n  rhea outbox drop --waiting greet 9ae37aa6"
	c.Flags().StringVar(&rule, "waiting", "", "what waits for the limit of this rule, instead of deliveries")
	deliveries := c.RunE
	c.RunE = func(c *cobra.Command, args []string) error {
		if !c.Flags().Changed("waiting") {
			return deliveries(c, args)
		}
		if err := v.check(); err != nil {
			return err
		}
		if rule == "" {
			return usage("--waiting: name a rule")
		}
		for _, other := range []string{"rule", "relay", "status", "all"} {
			if c.Flags().Changed(other) {
				return usage("--waiting goes with a KEY only, not with --%s, which chooses deliveries", other)
			}
		}
		return a.dropWaiting(c, v, rule, strings.Join(args, ""))
	}
	return c
}

// dropWaiting drops what waits for a rule: all of it, or what has a key that is or begins like the one that is named.
func (a *app) dropWaiting(c *cobra.Command, v *outboxVerb, rule, key string) error {
	s, err := a.stateRef(v.state)
	if err != nil {
		return err
	}
	found, _, err := s.waiting(c.Context(), rule, 0)
	if err != nil {
		return err
	}
	if len(found) == 0 {
		if err := s.checkRule(nil, rule); err != nil {
			return err
		}
	}
	order := control.WaitingOrder{Rule: rule}
	for _, w := range found {
		order.Keys = append(order.Keys, w.Key)
	}
	if key != "" {
		if order.Keys, err = oneKey(order.Keys, key, "nothing waits under %s; `rhea outbox list` shows what waits"); err != nil {
			return err
		}
	}
	answer := control.WaitingAnswer{Rule: rule, Dropped: []string{}}
	if len(order.Keys) > 0 {
		controls, _, err := a.controls(c.Context(), s)
		if err != nil {
			return err
		}
		answer, err = controls.DropWaiting(c.Context(), order)
		if err := joinFailed(err, controls.Close()); err != nil {
			return err
		}
	}
	if v.json() {
		return printJSON(a.Out, answer)
	}
	printLine(a.Out, "%s of %s dropped", screen.Count(len(answer.Dropped), "waiting signal"), rule)
	return nil
}

// oneKey finds the one key that a name stands for; none is the error text when there is no such key.
func oneKey(keys []string, name, none string) ([]string, error) {
	if slices.Contains(keys, name) {
		return []string{name}, nil
	}
	prefix := name
	if id, err := eventPrefix(name); err == nil {
		prefix = id
	}
	var meant []string
	for _, k := range keys {
		if strings.HasPrefix(k, prefix) || strings.HasPrefix(k, name) {
			meant = append(meant, k)
		}
	}
	switch len(meant) {
	case 0:
		return nil, usage(none, name)
	case 1:
		return meant, nil
	}
	return nil, usage("several keys begin with %s; write more of it", name)
}
