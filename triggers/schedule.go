package triggers

import (
	"fmt"
	"strings"
	"time"

	"rhea/engine"
	"rhea/triggers/cron"
)

// ScheduleConfig is the configuration of the schedule trigger. Exactly one of cron, every and at is given.
type ScheduleConfig struct {
	// Cron plans by minute, hour, day, month and weekday, with seconds before them if there are six fields, or by
	// a name such as @daily. The times are those of the clock on the wall in the timezone: what a clock change
	// skips happens right after it, what it repeats happens once.
	Cron string `yaml:"cron"`
	// Every plans multiples of a time span since 1970-01-01 00:00 UTC, whatever clocks on walls do.
	Every engine.Duration `yaml:"every"`
	// At plans fixed times: 2026-03-12T18:00:00+01:00, or 2026-03-12 18:00 in the timezone.
	At []string `yaml:"at"`
	// Timezone is a name of the IANA database, such as Europe/Berlin.
	Timezone string `yaml:"timezone"`
	// Jitter delays each planned time by up to this much. A time has the same delay always.
	Jitter engine.Duration `yaml:"jitter"`
	// CatchUp says what happens to times that passed while the bot was not running: latest makes up for the last
	// one, all for every one, skip for none.
	CatchUp string `yaml:"catch_up" enum:"latest,skip,all"`
	// CatchUpWindow is how long after its time something may still be made up for.
	CatchUpWindow engine.Duration `yaml:"catch_up_window"`
}

// fingerprint names the plan, so that an edited one is told from the one whose position was stored.
func (c ScheduleConfig) fingerprint() string {
	return fmt.Sprintf("%s %s %s %s", c.Cron, c.Every, strings.Join(c.At, ","), c.Timezone)
}

// ScheduleData is what the expressions of a rule see at a planned time.
type ScheduleData struct {
	engine.Scope

	// Schedule tells which planned time it is.
	Schedule Schedule `expr:"schedule"`
}

// Schedule is a planned time as expressions see it.
type Schedule struct {
	// Time is the planned time, in the timezone of the schedule.
	Time time.Time `expr:"time"`
	// Missed is how many planned times before this one passed without being acted on.
	Missed int `expr:"missed"`
}

// What to do about planned times that were missed.
const (
	catchUpLatest = "latest"
	catchUpAll    = "all"
	catchUpSkip   = "skip"
)

// scheduleKind is the trigger that fires at planned times.
func scheduleKind() engine.TriggerKind {
	return engine.NewTriggerKind[ScheduleConfig, ScheduleData]("schedule", ScheduleConfig{
		Timezone: "UTC", CatchUp: catchUpLatest, CatchUpWindow: engine.Duration(time.Hour),
	}, newSchedule)
}

func newSchedule(c ScheduleConfig, s engine.Setup) (engine.Trigger, error) {
	zone, err := cron.LoadZone(c.Timezone)
	if err != nil {
		return nil, engine.At("timezone", err)
	}
	p, err := c.plan(zone)
	if err != nil {
		return nil, err
	}
	if err := engine.OneOf("catch_up", c.CatchUp, catchUpLatest, catchUpAll, catchUpSkip); err != nil {
		return nil, err
	}
	if c.Every != 0 && c.Jitter >= c.Every {
		return nil, engine.At("jitter", fmt.Errorf("%s is not less than every %s", c.Jitter, c.Every))
	}
	return &schedule{
		setup:  s,
		plan:   p,
		name:   c.fingerprint(),
		jitter: c.Jitter.Std(),
		all:    c.CatchUp == catchUpAll,
		window: catchUpWindow(c),
	}, nil
}

// punctual is how late a planned time may come without counting as missed: a busy or a sleepy machine.
const punctual = time.Minute

func catchUpWindow(c ScheduleConfig) time.Duration {
	if c.CatchUp == catchUpSkip {
		return punctual
	}
	return max(c.CatchUpWindow.Std(), punctual)
}

// claimKeep is how long a planned time stays claimed after it can be made up for: as far as a clock may be put back
// without anything being done twice. What lies further back the position answers for.
const claimKeep = 7 * 24 * time.Hour
