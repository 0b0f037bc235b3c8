package cmd

import (
	"strconv"
	"strings"
	"time"

	"github.com/nbd-wtf/go-nostr"
	"github.com/spf13/cobra"

	"rhea/cmd/control"
	"rhea/cmd/screen"
	"rhea/engine"
	"rhea/engine/ledger"
)

func (a *app) outbox() *cobra.Command {
	v := &outboxVerb{}
	c := &cobra.Command{
		Use:   "outbox",
		Short: "Look after what is owed to relays",
		Long: "Look after what is owed to relays: every event to every relay is a delivery, which is pending, retrying,\n" +
			"accepted, rejected or given_up; and after what waits for a limit of its rule before it is answered\n" +
			"(on_limit: queue). Works while the bot runs and when it does not.",
	}
	v.flags(c)
	c.PersistentFlags().StringVar(&v.rule, "rule", "", "only what this rule has made")
	c.PersistentFlags().StringVar(&v.relay, "relay", "", "only what goes to this relay")
	c.AddCommand(a.outboxList(v), a.outboxShow(v),
		a.outboxUpdate(v, "retry", "Send deliveries again now", "sent again", control.Controls.Retry,
			"Make deliveries due now: those that wait, or were rejected or given up. A relay that rests, or is held back\n"+
				"from because of what it answered, is asked all the same.",
			[]engine.DeliveryState{engine.Pending, engine.Retrying, engine.Rejected, engine.GivenUp},
			[]engine.DeliveryState{engine.Rejected, engine.GivenUp}),
		a.orWaiting(v, a.outboxUpdate(v, "drop", "Give up deliveries that are owed", "dropped", control.Controls.Drop,
			"Give up deliveries that are still owed. What a relay has already stays there; see `rhea undo`.",
			[]engine.DeliveryState{engine.Pending, engine.Retrying}, nil)))
	return c
}

func (a *app) outboxList(v *outboxVerb) *cobra.Command {
	var number int
	c := &cobra.Command{
		Use:   "list",
		Short: "List deliveries, newest first, and what waits for a limit",
		Long: "List deliveries, newest first, and below them what waits for a limit of its rule (on_limit: queue), in the order\n" +
			"in which it goes on. With --relay or --status only deliveries.",
		Example: "  rhea outbox list\n  rhea outbox list --status given_up,rejected --relay wss://relay.example\n  rhea outbox list -o json",
		Args:    cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			if err := v.check(); err != nil {
				return err
			}
			all := []engine.DeliveryState{engine.Pending, engine.Retrying, engine.Accepted, engine.Rejected, engine.GivenUp}
			q, err := v.query("", all, nil)
			if err != nil {
				return err
			}
			q.Limit = number
			s, items, err := a.find(c.Context(), v.state, q)
			if err != nil {
				return err
			}
			waiting, more := []waitingJSON{}, false
			if v.relay == "" && len(v.states) == 0 {
				if waiting, more, err = s.waiting(c.Context(), v.rule, number); err != nil {
					return err
				}
			}
			if v.json() {
				return printJSON(a.Out, struct {
					Deliveries []deliveryJSON `json:"deliveries"`
					Waiting    []waitingJSON  `json:"waiting"`
				}{deliveriesJSON(items), waiting})
			}
			if len(items) > 0 {
				a.listDeliveries(items, time.Now())
			} else {
				printLine(a.Out, "There is no such delivery.")
			}
			if len(waiting) > 0 {
				printLine(a.Out, "")
				a.listWaiting(waiting, more, time.Now())
			}
			return nil
		},
	}
	c.Flags().StringSliceVar(&v.states, "status", nil, "only these: pending, retrying, accepted, rejected, given_up")
	c.Flags().IntVarP(&number, "number", "n", 50, "how many at most; 0 for all")
	return c
}

func (a *app) listDeliveries(items []ledger.Item, now time.Time) {
	t := screen.Table{Columns: []screen.Column{
		{Title: "EVENT"}, {Title: "RULE", Least: 8}, {Title: "RELAY", Least: 16}, {Title: "STATE"}, {Title: "MADE"}, {Title: "WHY", Least: 10},
	}}
	for _, i := range items {
		why := i.Reason
		if !i.Next.IsZero() {
			why = "next " + screen.Ago(i.Next, now)
			if i.Reason != "" {
				why += ": " + i.Reason
			}
		}
		t.Add(screen.Short(i.Event.ID), i.Rule, strings.TrimPrefix(screen.HideTokens(i.Relay), "wss://"), string(i.State), screen.Ago(i.Committed, now), why)
	}
	t.Write(a.Out)
}

// deliveryJSON is a delivery without the event's content.
type deliveryJSON struct {
	Event     string               `json:"event"`
	Kind      int                  `json:"kind"`
	Rule      string               `json:"rule"`
	Relay     string               `json:"relay"`
	State     engine.DeliveryState `json:"state"`
	Attempts  int                  `json:"attempts"`
	Reason    string               `json:"reason"`
	Committed *time.Time           `json:"committed"`
	Changed   *time.Time           `json:"changed"`
	Next      *time.Time           `json:"next"`
}

func deliveriesJSON(items []ledger.Item) []deliveryJSON {
	list := []deliveryJSON{}
	for _, i := range items {
		list = append(list, deliveryJSON{
			i.Event.ID, i.Event.Kind, i.Rule, i.Relay, i.State, i.Attempts, i.Reason,
			screen.Moment(i.Committed), screen.Moment(i.Changed), screen.Moment(i.Next),
		})
	}
	return list
}

func (a *app) outboxShow(v *outboxVerb) *cobra.Command {
	return &cobra.Command{
		Use:     "show EVENT",
		Short:   "Show one event with what became of it at each relay",
		Long:    "Show one event, as it was signed, with what became of it at each relay.",
		Example: "  rhea outbox show 77e67ffe",
		Args:    cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			if err := v.check(); err != nil {
				return err
			}
			q, err := v.query(args[0], nil, nil)
			if err != nil {
				return err
			}
			_, items, err := a.find(c.Context(), v.state, q)
			if err != nil {
				return err
			}
			if err := oneEvent(items, args[0]); err != nil {
				return err
			}
			e := items[0].Event
			if v.json() {
				return printJSON(a.Out, struct {
					Event      nostr.Event    `json:"event"`
					Deliveries []deliveryJSON `json:"deliveries"`
				}{e, deliveriesJSON(items)})
			}
			printLine(a.Out, "event    %s\nkind     %d\nauthor   %s\nrule     %s\nmade     %s (%s)", e.ID, e.Kind, e.PubKey,
				items[0].Rule, items[0].Committed.Local().Format(time.DateTime), screen.Ago(items[0].Committed, time.Now()))
			for _, tag := range e.Tags {
				printLine(a.Out, "tag      %s", strings.Join(tag, " "))
			}
			printLine(a.Out, "\n%s\n", strings.TrimRight(engine.Clean(e.Content), "\n"))
			t := screen.Table{Columns: []screen.Column{{Title: "RELAY", Least: 20}, {Title: "STATE"}, {Title: "TRIES", Right: true}, {Title: "CHANGED"}, {Title: "NEXT"}, {Title: "WHY", Least: 10, Whole: true}}}
			for _, i := range items {
				next := ""
				if !i.Next.IsZero() {
					next = screen.Ago(i.Next, time.Now())
				}
				t.Add(i.Relay, string(i.State), strconv.Itoa(i.Attempts), screen.Ago(i.Changed, time.Now()), next, i.Reason)
			}
			t.Write(a.Out)
			return nil
		},
	}
}
