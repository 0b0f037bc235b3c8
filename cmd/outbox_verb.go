package cmd

import (
	"context"
	"slices"
	"strings"

	"rhea/cmd/screen"
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

// find opens a state and reads the deliveries that a query selects.
func (a *app) find(ctx context.Context, state string, q ledger.OutboxQuery) (s stateRef, items []ledger.Item, err error) {
	s, err = a.stateRef(state)
	if err == nil {
		items, err = s.find(ctx, q)
	}
	return s, items, err
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
		if screen.HideTokens(url) != shown {
			continue
		}
		if found != shown {
			return "", usage("--relay: several relays are shown as %s; write the address in full", shown)
		}
		found = url
	}
	return found, nil
}
