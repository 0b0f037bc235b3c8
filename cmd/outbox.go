package cmd

import (
	"context"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/nbd-wtf/go-nostr"
	"github.com/spf13/cobra"

	"rhea/cmd/control"
	"rhea/engine"
	"rhea/engine/ledger"
	"rhea/engine/relay"
)

// outboxVerb is what the verbs below `rhea outbox` have in common.
type outboxVerb struct {
	output
	rule, relay string
	states      []string
}

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

// query reads the flags. Allowed are the states that make sense for the verb, usual those without --state.
func (v *outboxVerb) query(event string, allowed, usual []engine.DeliveryState) (ledger.OutboxQuery, error) {
	q := ledger.OutboxQuery{Rule: v.rule, Relay: v.relay, States: usual}
	if v.relay != "" {
		var err error
		if q.Relay, err = relay.Normalize(v.relay); err != nil {
			return q, usage("--relay: %w", err)
		}
	}
	if len(v.states) > 0 {
		q.States = nil
	}
	for _, s := range v.states {
		if !slices.Contains(allowed, engine.DeliveryState(s)) {
			return q, usage("--status: %q is none of %s", s, joinStates(allowed))
		}
		q.States = append(q.States, engine.DeliveryState(s))
	}
	if event == "" {
		return q, nil
	}
	var err error
	q.Event, err = eventPrefix(event)
	return q, err
}

func joinStates(states []engine.DeliveryState) string {
	words := make([]string, len(states))
	for i, s := range states {
		words[i] = string(s)
	}
	return strings.Join(words, ", ")
}

// find reads the deliveries that a query selects.
func (s stateRef) find(ctx context.Context, q ledger.OutboxQuery) (items []ledger.Item, err error) {
	r, err := s.reader()
	if err != nil {
		return nil, err
	}
	q.Relay, err = shownRelay(ctx, r, q.Relay)
	if err != nil {
		return nil, joinFailed(err, r.Close())
	}
	for item, e := range r.Outbox(ctx, q) {
		if e != nil {
			err = e
			break
		}
		items = append(items, item)
	}
	return items, joinFailed(err, r.Close())
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
			s, err := a.stateRef(v.state)
			if err != nil {
				return err
			}
			items, err := s.find(c.Context(), q)
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
	t := table{columns: []column{
		{title: "EVENT"}, {title: "RULE", least: 8}, {title: "RELAY", least: 16}, {title: "STATE"}, {title: "MADE"}, {title: "WHY", least: 10},
	}}
	for _, i := range items {
		why := i.Reason
		if !i.Next.IsZero() {
			why = "next " + ago(i.Next, now)
			if i.Reason != "" {
				why += ": " + i.Reason
			}
		}
		t.add(short(i.Event.ID), i.Rule, strings.TrimPrefix(hideTokens(i.Relay), "wss://"), string(i.State), ago(i.Committed, now), why)
	}
	t.write(a.Out)
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
			moment(i.Committed), moment(i.Changed), moment(i.Next),
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
			s, err := a.stateRef(v.state)
			if err != nil {
				return err
			}
			items, err := s.find(c.Context(), q)
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
				items[0].Rule, items[0].Committed.Local().Format(time.DateTime), ago(items[0].Committed, time.Now()))
			for _, tag := range e.Tags {
				printLine(a.Out, "tag      %s", strings.Join(tag, " "))
			}
			printLine(a.Out, "\n%s\n", strings.TrimRight(engine.Clean(e.Content), "\n"))
			t := table{columns: []column{{title: "RELAY", least: 20}, {title: "STATE"}, {title: "TRIES", right: true}, {title: "CHANGED"}, {title: "NEXT"}, {title: "WHY", least: 10}}}
			for _, i := range items {
				next := ""
				if !i.Next.IsZero() {
					next = ago(i.Next, time.Now())
				}
				t.add(i.Relay, string(i.State), strconv.Itoa(i.Attempts), ago(i.Changed, time.Now()), next, i.Reason)
			}
			t.write(a.Out)
			return nil
		},
	}
}

// oneEvent refuses what names no event, or several.
func oneEvent(items []ledger.Item, name string) error {
	if len(items) == 0 {
		return usage("there is no event %s in the outbox; it keeps what was settled for 30 days", name)
	}
	for _, i := range items {
		if i.Event.ID != items[0].Event.ID {
			return usage("several events begin with %s; write more of it", name)
		}
	}
	return nil
}

// shownRelay returns the relay of the state whose address is shown as this one: people copy what they see.
func shownRelay(ctx context.Context, r ledger.Reader, shown string) (string, error) {
	if !strings.Contains(shown, "…") {
		return shown, nil
	}
	relays, err := r.RelayReports(ctx)
	if err != nil {
		return "", err
	}
	found := shown
	for url := range relays {
		if hideTokens(url) != shown {
			continue
		}
		if found != shown {
			return "", usage("--relay: several relays are shown as %s; write the address in full", shown)
		}
		found = url
	}
	return found, nil
}
