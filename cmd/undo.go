package cmd

import (
	"bufio"
	"context"
	"errors"
	"io"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"rhea/cmd/control"
	"rhea/cmd/screen"
)

// maxShown is how many events a preview lists.
const maxShown = 20

func (a *app) undo() *cobra.Command {
	var o output
	var since, reason string
	var yes, dryRun bool
	c := &cobra.Command{
		Use:   "undo RULE",
		Short: "Take back what a rule has published",
		Long: "Ask the relays to delete what a rule has published since a time (NIP-09), and drop what is still owed. It is\n" +
			"shown first, and asked before. The requests are signed by the identity that signed the events and sent to\n" +
			"every relay that has them; copies elsewhere stay. What was taken back is not taken back again. Events are\n" +
			"remembered for 30 days. To stop the rule as well, `rhea hold RULE` first.",
		Example: "  rhea undo blog --since 1h --dry-run\n  rhea undo blog --since 2026-01-31T18:00:00Z --yes -o json",
		Args:    cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			if err := o.check(); err != nil {
				return err
			}
			if o.json() && !yes && !dryRun {
				return usage("-o json asks nothing: say --yes or --dry-run")
			}
			now := time.Now()
			from, err := sinceTime("--since", since, now)
			if err != nil {
				return err
			}
			if from.IsZero() {
				return usage("--since says how far back: 1h, 7d or a time")
			}
			s, err := a.stateRef(o.state)
			if err != nil {
				return err
			}
			return a.takeBack(c.Context(), s, &o, control.UndoOrder{Rule: args[0], Since: from, Until: now, Reason: reason}, yes, dryRun)
		},
	}
	o.flags(c)
	c.Flags().StringVar(&since, "since", "", "how far back: a time span, such as 1h or 7d, or a time")
	c.Flags().StringVar(&reason, "reason", "", "why, for everyone who reads the request")
	c.Flags().BoolVar(&yes, "yes", false, "do not ask")
	c.Flags().BoolVar(&dryRun, "dry-run", false, "only show what would be taken back")
	return c
}

// undoReport is what undo prints as JSON.
type undoReport struct {
	Rule  string    `json:"rule"`
	Since time.Time `json:"since"`
	Until time.Time `json:"until"`
	// Planned is what was found, and Done what was done; nil for a dry run, or with nothing to do.
	Planned []plannedUndo          `json:"planned"`
	Owed    []control.DeliveryName `json:"owed"`
	Done    *control.UndoAnswer    `json:"done"`
}

type plannedUndo struct {
	Event  string    `json:"event"`
	Pubkey string    `json:"pubkey"`
	Kind   int       `json:"kind"`
	Made   time.Time `json:"made"`
	Relays []string  `json:"relays"`
}

func (a *app) takeBack(ctx context.Context, s stateRef, o *output, order control.UndoOrder, yes, dryRun bool) error {
	plan, err := s.planUndo(ctx, order)
	if err != nil {
		return err
	}
	report := undoReport{
		Rule: order.Rule, Since: order.Since.UTC(), Until: order.Until.UTC(), Planned: []plannedUndo{}, Owed: []control.DeliveryName{},
	}
	report.Owed = append(report.Owed, plan.Drops...)
	for _, e := range plan.Events {
		report.Planned = append(report.Planned, plannedUndo{e.ID, e.Pubkey, e.Kind, e.Made.UTC(), e.Relays})
	}
	nothing := len(plan.Events) == 0 && len(plan.Drops) == 0
	if !o.json() {
		a.showUndo(order, plan)
	}
	if nothing || dryRun {
		if o.json() {
			return printJSON(a.Out, report)
		}
		return nil
	}
	if !yes && !a.confirm("Take them back? [y/N] ") {
		return failed(errors.New("nothing was taken back"))
	}
	controls, running, err := a.controls(ctx, s)
	if err != nil {
		return err
	}
	done, err := controls.Undo(ctx, order)
	if err := joinFailed(err, controls.Close()); err != nil {
		return err
	}
	if o.json() {
		report.Done = &done
		return printJSON(a.Out, report)
	}
	printLine(a.Out, "Taken back: %s, by %s; %s dropped.", screen.Count(done.Events, "event"), screen.Count(len(done.Requests), "request"),
		countDeliveries(done.Dropped))
	if !running && len(done.Requests) > 0 {
		printLine(a.Out, "The bot is not running: the requests are sent at its next start.")
	}
	return nil
}

// planUndo reads what an order means, without a key.
func (s stateRef) planUndo(ctx context.Context, order control.UndoOrder) (plan control.UndoPlan, err error) {
	r, err := s.reader()
	if err != nil {
		return plan, err
	}
	plan, err = control.PlanUndo(ctx, r, order.Rule, order.Since, order.Until)
	if err = joinFailed(err, r.Close()); err != nil {
		return plan, err
	}
	// What a rule that was deleted has published can be taken back too.
	return plan, s.checkRule(map[string]bool{order.Rule: len(plan.Events)+len(plan.Drops) > 0}, order.Rule)
}

func (a *app) showUndo(order control.UndoOrder, plan control.UndoPlan) {
	if len(plan.Events) == 0 && len(plan.Drops) == 0 {
		printLine(a.Out, "There is nothing to take back: since %s no relay has taken anything of %s that is still there.",
			order.Since.Local().Format(time.DateTime), order.Rule)
		return
	}
	t := screen.Table{Columns: []screen.Column{{Title: "EVENT", Least: 8}, {Title: "KIND", Right: true}, {Title: "WHEN"}, {Title: "RELAYS", Least: 20}}}
	for _, e := range plan.Events[:min(len(plan.Events), maxShown)] {
		t.Add(screen.Short(e.ID), strconv.Itoa(e.Kind), screen.Ago(e.Made, order.Until), strings.Join(e.Relays, " "))
	}
	t.Write(a.Out)
	if more := len(plan.Events) - maxShown; more > 0 {
		printLine(a.Out, "… and %d more", more)
	}
	printLine(a.Out, "")
	printLine(a.Out, "%s of %s would be taken back, by %s to %s;\n%s dropped.", screen.Count(len(plan.Events), "event"), order.Rule,
		screen.Count(plan.Requests(), "request"), screen.Count(plan.Relays(), "relay"), countDeliveries(len(plan.Drops)))
}

func countDeliveries(n int) string {
	switch n {
	case 0:
		return "nothing owed is"
	case 1:
		return "1 delivery still owed is"
	}
	return strconv.Itoa(n) + " deliveries still owed are"
}

// confirm asks a question that only a clear yes answers.
func (a *app) confirm(question string) bool {
	io.WriteString(a.Out, question)
	line, err := bufio.NewReader(io.LimitReader(a.In, 1<<10)).ReadString('\n')
	if err != nil && line == "" {
		printLine(a.Out, "")
		return false
	}
	word := strings.ToLower(strings.TrimSpace(line))
	return word == "y" || word == "yes"
}
