package cmd

import (
	"context"
	"strings"

	"github.com/spf13/cobra"

	"rhea/cmd/control"
	"rhea/cmd/screen"
	"rhea/engine"
	"rhea/engine/ledger"
)

// outboxUpdate is retry and drop. Without an event and a filter nothing is meant.
func (a *app) outboxUpdate(
	v *outboxVerb, name, about, done string, do func(control.Controls, context.Context, control.OutboxOrder) (control.OutboxAnswer, error),
	long string, allowed, usual []engine.DeliveryState,
) *cobra.Command {
	var all bool
	c := &cobra.Command{
		Use:     name + " [EVENT]",
		Short:   about,
		Long:    long + " Name an event, or choose by --rule, --relay and\n--status, or say --all.",
		Example: "  rhea outbox " + name + " 77e67ffe\n  rhea outbox " + name + " --relay wss://relay.example",
		Args:    cobra.MaximumNArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			if err := v.check(); err != nil {
				return err
			}
			event := strings.Join(args, "")
			if event == "" && v.rule == "" && v.relay == "" && len(v.states) == 0 && !all {
				return usage("%s what? Name an event, --rule, --relay or --status, or say --all", name)
			}
			meant := usual
			if usual == nil || event != "" {
				meant = allowed
			}
			q, err := v.query(event, allowed, meant)
			if err != nil {
				return err
			}
			s, items, err := a.find(c.Context(), v.state, q)
			if err != nil {
				return err
			}
			if event != "" {
				if err := oneEvent(items, event); err != nil {
					return err
				}
			}
			answer := control.OutboxAnswer{Changed: []control.DeliveryName{}}
			if len(items) > 0 {
				if answer, err = a.update(c.Context(), s, items, do); err != nil {
					return err
				}
			}
			if v.json() {
				return printJSON(a.Out, answer)
			}
			printLine(a.Out, "%s %s", screen.Count(len(answer.Changed), "delivery"), done)
			return nil
		},
	}
	c.Flags().StringSliceVar(&v.states, "status", nil, "only these: "+joinStates(allowed))
	c.Flags().BoolVar(&all, "all", false, "all that can be")
	return c
}

func (a *app) update(
	ctx context.Context, s stateRef, items []ledger.Item, do func(control.Controls, context.Context, control.OutboxOrder) (control.OutboxAnswer, error),
) (control.OutboxAnswer, error) {
	var o control.OutboxOrder
	for _, i := range items {
		o.Deliveries = append(o.Deliveries, control.DeliveryName{Event: i.Event.ID, Relay: i.Relay})
	}
	controls, _, err := a.controls(ctx, s)
	if err != nil {
		return control.OutboxAnswer{}, err
	}
	answer, err := do(controls, ctx, o)
	return answer, joinFailed(err, controls.Close())
}
