package triggers

import (
	"errors"
	"fmt"
	"time"

	"rhea/engine"
	"rhea/triggers/cron"
)

var (
	_ engine.Adviser = FeedConfig{}
	_ engine.Adviser = ScheduleConfig{}
)

// politeInterval is how often a stranger's server may be asked without anybody minding.
const politeInterval = 5 * time.Minute

// Advise implements [engine.Adviser].
func (c FeedConfig) Advise() error {
	d := c.Interval.shortest()
	if c.AllowPrivate || d == 0 || d >= politeInterval {
		return nil
	}
	return engine.At("interval", &engine.Advice{
		Code:    "too-often",
		Message: fmt.Sprintf("every %s is often for a feed: servers block programs that ask them so much", engine.Duration(d)),
		Hint:    "write 15m or more, or auto, which asks busy feeds more often",
	})
}

// calmInterval is how often something may be published without readers and relays minding.
const calmInterval = time.Minute

// Advise implements [engine.Adviser].
func (c ScheduleConfig) Advise() error {
	zone, err := cron.LoadZone(c.Timezone)
	if err != nil {
		return nil // Building it says so.
	}
	p, err := c.plan(zone)
	if err != nil {
		return nil
	}
	now := time.Now().Add(-max(catchUpWindow(c), c.Jitter.Std()))
	first, ok := p.Next(now)
	if !ok {
		return engine.At(c.set()[0], &engine.Advice{
			Code: "never-fires", Message: "all of these times have passed: this never fires again",
			Hint: "write a time to come, or remove the rule",
		})
	}
	var advice []error
	if second, ok := p.Next(first); ok && second.Sub(first) < calmInterval {
		advice = append(advice, engine.At(c.set()[0], &engine.Advice{
			Code:    "too-often",
			Message: fmt.Sprintf("this fires every %s: relays refuse what is published so often", engine.Duration(second.Sub(first))),
			Hint:    "write 1m or more; a cron expression of six fields begins with the seconds",
		}))
	}
	return errors.Join(advice...)
}
