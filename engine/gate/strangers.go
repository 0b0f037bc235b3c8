package gate

import (
	"context"
	"fmt"
	"time"

	"rhea/engine"
)

// strangers keeps what strangers set off within its bounds.
type strangers struct{ facts *facts }

// strangersBudgets are what the events are counted under that an author sets off: those of the rule, and of all that
// strangers set off in the name of its identity, which is half of what it may publish.
func (r *strangers) strangersBudgets(stands Standing, n int) []budget {
	half := r.facts.identity.FloodStop
	if half == nil {
		half = engine.DefaultIdentityFlood()
	}
	half = scaled(half, func(n int) int { return (n + 1) / 2 })
	return []budget{
		{counter: floodCounter("rule", r.facts.rule.Name), most: stands.share(r.floodStop()), n: n, strangers: true},
		{counter: floodCounter("strangers", r.facts.pubkey()), most: stands.share(half), n: n, strangers: true},
	}
}

// full says why nothing more may be published for authors of a standing, "" when something may.
func (r *strangers) full(ctx context.Context, stands Standing) (string, error) {
	over, err := r.facts.gates.floods.look(ctx, r.facts.rule.Name, r.strangersBudgets(stands, 1))
	if over == nil {
		return "", err
	}
	return over.reason, err
}

// slowDown turns a signal down because there are more strangers than may be answered.
func (r *strangers) slowDown(ctx context.Context, reason string) Verdict {
	since := r.facts.crowd.note(ctx, r.facts.rule, r.facts.dry, reason)
	v := stop(engine.RateLimited, fmt.Sprintf("slowed down since %s: %s; people answered before and whom the identity follows come first",
		since.UTC().Format(time.RFC3339), reason))
	v.Crowded = true
	return v
}

// floodStop is the most that the rule may publish.
func (r *strangers) floodStop() []engine.Rate {
	if r.facts.rule.FloodStop == nil {
		return engine.DefaultRuleFlood()
	}
	return r.facts.rule.FloodStop
}
