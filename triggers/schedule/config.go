package schedule

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"rhea/engine"
	"rhea/triggers/cron"
)

// Config is the configuration of the schedule trigger. Exactly one of cron, every and at is given.
type Config struct {
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

// What to do about planned times that were missed.
const (
	catchUpLatest = "latest"
	catchUpAll    = "all"
	catchUpSkip   = "skip"
)

// Data is what the expressions of a rule see at a planned time.
type Data struct {
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

// shortest is the smallest span between two planned times.
const shortest = time.Second

// plan reads the one of cron, every and at that is set.
func (c Config) plan(zone *time.Location) (plan, error) {
	switch set := c.set(); {
	case len(set) == 0:
		return nil, errors.New(`says not when; write cron: "0 18 * * THU", every: 6h or at: [2026-03-12T18:00:00Z]`)
	case len(set) > 1:
		return nil, engine.At(set[1], fmt.Errorf("stands beside %s; use one of them", set[0]))
	}
	switch {
	case c.Cron != "":
		fields, err := cron.Parse(c.Cron)
		if err != nil {
			return nil, engine.At("cron", err)
		}
		return cron.Plan{Fields: fields, Zone: zone}, nil
	case c.Every != 0:
		if c.Every.Std() < shortest {
			return nil, engine.At("every", fmt.Errorf("%s is too short; the shortest is %s", c.Every, shortest))
		}
		return everyPlan{c.Every.Std(), zone}, nil
	}
	return readTimes(c.At, zone)
}

func (c Config) set() []string {
	var set []string
	if c.Cron != "" {
		set = append(set, "cron")
	}
	if c.Every != 0 {
		set = append(set, "every")
	}
	if c.At != nil {
		set = append(set, "at")
	}
	return set
}

// fingerprint names the plan, so that an edited one is told from the one whose position was stored.
func (c Config) fingerprint() string {
	return fmt.Sprintf("%s %s %s %s", c.Cron, c.Every, strings.Join(c.At, ","), c.Timezone)
}

// punctual is how late a planned time may come without counting as missed: a busy or a sleepy machine.
const punctual = time.Minute

func catchUpWindow(c Config) time.Duration {
	if c.CatchUp == catchUpSkip {
		return punctual
	}
	return max(c.CatchUpWindow.Std(), punctual)
}
