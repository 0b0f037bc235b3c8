package profile

import (
	"cmp"
	"context"
	"fmt"
	"time"

	"rhea/engine"
)

// Identity is what one identity says about itself.
type Identity struct {
	// Name is the identity's name in the configuration.
	Name string
	// Fields are the fields of its profile; nil leaves the profile alone.
	Fields map[string]any
	// Inbox and Outbox are where it reads and writes (kind 10002), DMRelays where private messages reach it
	// (kind 10050). Empty lists are left alone.
	Inbox, Outbox, DMRelays []string
	// Relays are where all of it is published and looked up.
	Relays []string
	// PoW is what may be spent for a relay that wants proof of work; the zero value is the default of rules.
	PoW engine.PoWBudget
}

// Rules returns a rule for each identity that has something to say and somewhere to say it.
func Rules(ids []Identity) []engine.Rule {
	var rules []engine.Rule
	for _, id := range ids {
		wishes := id.desired()
		if len(wishes) == 0 || len(id.Relays) == 0 {
			continue
		}
		kind := engine.NewTriggerKind[struct{}, data]("profile", struct{}{}, func(_ struct{}, s engine.Setup) (engine.Trigger, error) {
			return &trigger{setup: s, desired: wishes}, nil
		})
		rules = append(rules, engine.Rule{
			Name: "profile of " + id.Name, Identity: id.Name, Relays: id.Relays,
			Triggers: []engine.RuleTrigger{{Kind: kind, Config: struct{}{}, Relays: id.Relays}},
			Steps:    []engine.Step{{Kind: "profile", Action: say{}}},
			Retry:    engine.Retry{Initial: 2 * time.Second, Max: 5 * time.Minute, MaxElapsed: 24 * time.Hour},
			Quorum:   1, Concurrency: 1, PoW: cmp.Or(id.PoW, engine.DefaultPoWBudget()),
		})
	}
	return rules
}

// data carries what is to be said from the trigger to the action.
type data struct {
	engine.Scope
	draft engine.Draft
}

type say struct{}

var _ engine.Action = say{}

// Act implements [engine.Action].
func (say) Act(_ context.Context, run engine.Run) (engine.Result, error) {
	d, ok := run.Data.(*data)
	if !ok {
		return engine.Result{}, fmt.Errorf("a profile is said by its own trigger, not by %T", run.Data)
	}
	return engine.Result{Drafts: []engine.Draft{d.draft}}, nil
}
