package profile

import (
	"cmp"
	"time"

	"rhea/engine"
)

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
