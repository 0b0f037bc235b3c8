package bot

import (
	"context"
	"time"
)

// Retried notes that an operator wants deliveries to a relay tried now: what was held back from it is forgotten, and
// it rests no longer. It returns when the ledger knows, or ctx ends.
func (b *Bot) Retried(ctx context.Context, relay string) { b.sender.Retry(ctx, relay) }

// Dropped notes that a delivery was given up by hand in the ledger, so that Run does not wait for it at its end.
func (b *Bot) Dropped(event, relay string) { b.sender.Drop(event, relay) }

// DroppedWaiting notes that signals of a rule were taken out of its queue by hand in the ledger, so that what waits
// behind them goes on.
func (b *Bot) DroppedWaiting(rule string, keys []string) {
	if r, err := b.rule(rule); err == nil && !r.dry {
		r.queue.Drop(keys)
	}
}

// Reran has the queue of a rule look at what is to run again.
func (b *Bot) Reran(rule string) {
	if r, err := b.rule(rule); err == nil {
		r.queue.LookBy(b.opts.Clock.Now())
	}
}

// Silence tells of a rule that has not fired for longer than [engine.Rule.ExpectEvery].
type Silence struct {
	Rule string
	// Since is when the rule last fired or first ran, Every how often it should fire.
	Since time.Time
	Every time.Duration
}

// Silent returns the rules that have not fired for longer than they are expected to.
func (b *Bot) Silent() []Silence {
	var silent []Silence
	for _, r := range b.rules {
		if since, tooLong := r.pipeline.Silent(); tooLong {
			silent = append(silent, Silence{r.config.Name, since, r.config.ExpectEvery})
		}
	}
	return silent
}

// Troubled returns the triggers that have failed more than once and have not run well for some minutes since.
func (b *Bot) Troubled() []Trouble {
	var all []Trouble
	for _, r := range b.rules {
		for _, t := range r.triggers {
			if found := t.trouble.now(); found.Failures > 1 {
				found.Rule, found.Trigger = r.config.Name, t.name
				all = append(all, found)
			}
		}
	}
	return all
}
