package schedule

import (
	"errors"
	"fmt"
	"slices"
	"time"

	"rhea/engine"
	"rhea/triggers/cron"
)

var (
	_ engine.Adviser     = Config{}
	_ engine.RuleAdviser = Config{}
)

// hastyInterval is how often nothing may be published, calmInterval how often something may be without readers and relays
// minding.
const (
	hastyInterval = time.Minute
	calmInterval  = 5 * time.Minute
)

// Advise implements [engine.Adviser].
func (c Config) Advise() error {
	first, second, ok := c.coming()
	if !ok {
		return nil // Building it says so.
	}
	var advice []error
	if message, hint := cron.OddZone(c.Timezone); message != "" {
		advice = append(advice, engine.At("timezone", &engine.Advice{Code: "no-summer-time", Message: message, Hint: hint}))
	}
	if first.IsZero() {
		advice = append(advice, engine.At(c.set()[0], &engine.Advice{
			Code: "never-fires", Message: "all of these times have passed: this never fires again",
			Hint: "write a time to come, or remove the rule",
		}))
	}
	if !second.IsZero() && second.Sub(first) < hastyInterval {
		advice = append(advice, engine.At(c.set()[0], &engine.Advice{
			Code:    "too-often",
			Message: fmt.Sprintf("this fires every %s: relays refuse what is published so often", engine.Duration(second.Sub(first))),
			Hint:    "write 1m or more; a cron expression of six fields begins with the seconds",
		}))
	}
	return errors.Join(advice...)
}

// AdviseRule implements [engine.RuleAdviser]: what is looked at often is rarely meant to be published each time.
func (c Config) AdviseRule(r *engine.Rule) error {
	first, second, ok := c.coming()
	span := second.Sub(first)
	publishes := slices.ContainsFunc(r.Unguarded(), func(s engine.Step) bool { return !s.Silent })
	if !ok || second.IsZero() || span < hastyInterval || span >= calmInterval || !publishes {
		return nil
	}
	return engine.At(c.set()[0], &engine.Advice{
		Code:    "too-often",
		Message: fmt.Sprintf("this publishes every %s, %d times a day: readers and relays put up with less", engine.Duration(span), 24*time.Hour/span),
		Hint:    "write 15m or more, add an if:, or say what you want with limit: { rate: 300/1d }",
	})
}

// coming are the next two planned times, zero for none; false when the configuration is wrong.
func (c Config) coming() (first, second time.Time, ok bool) {
	zone, err := cron.LoadZone(c.Timezone)
	if err != nil {
		return first, second, false
	}
	p, err := c.plan(zone)
	if err != nil {
		return first, second, false
	}
	if first, ok = p.Next(time.Now().Add(-max(catchUpWindow(c), c.Jitter.Std()))); ok {
		second, _ = p.Next(first)
	}
	return first, second, true
}
