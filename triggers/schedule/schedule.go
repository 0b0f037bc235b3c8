package schedule

import (
	"context"
	"embed"
	"fmt"
	"hash/fnv"
	"io"
	"strings"
	"time"

	"rhea/engine"
	"rhea/triggers/cron"
)

// sources are the files with the comments that users read.
//
//go:embed config.go schedule.go
var sources embed.FS

// Kind is the trigger that fires at planned times.
func Kind() engine.TriggerKind {
	return engine.NewTriggerKind[Config, Data]("schedule", Config{
		Timezone: "UTC", CatchUp: catchUpLatest, CatchUpWindow: engine.Duration(time.Hour),
	}, newSchedule).Documented(sources)
}

func newSchedule(c Config, s engine.Setup) (engine.Trigger, error) {
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

// schedule waits for the times of a plan. Its position is the last planned time that was dealt with, stored with
// the claim on it, so that a crash neither loses nor doubles one.
type schedule struct {
	setup engine.Setup
	plan  plan
	// name tells this plan from what stood in the configuration before.
	name   string
	jitter time.Duration
	// all makes up for every missed time, else only for the last one; window is how late that may be.
	all    bool
	window time.Duration
}

var _ engine.Trigger = (*schedule)(nil)

// lookAgain bounds how long the trigger sleeps: a clock that was set, or a machine that slept, is noticed by then.
const lookAgain = 30 * time.Second

// claimKeep is how long a planned time stays claimed after it can be made up for: as far as a clock may be put back
// without anything being done twice. What lies further back the position answers for.
const claimKeep = 7 * 24 * time.Hour

// Run implements [engine.Trigger].
func (s *schedule) Run(ctx context.Context, in engine.Intake) error {
	last, err := s.resume(ctx, in)
	if err != nil {
		return engine.UnlessDone(ctx, err)
	}
	for missed := 0; ; {
		at := s.now()
		if s.putBack(last, at) {
			s.setup.Log.Warn("the clock was put back; going on from what it shows now", "by", last.Sub(at).Round(time.Second))
			last, missed = at, 0
			if err := in.Advance(ctx, s.position(last)); err != nil {
				return engine.UnlessDone(ctx, err)
			}
		}
		d := s.due(last, at)
		missed += d.missed
		if d.fire {
			if err := s.fire(ctx, in, d.last, missed); err != nil {
				return engine.UnlessDone(ctx, err)
			}
			missed = 0
		}
		if !d.last.Equal(last) {
			last = d.last
			if err := in.Advance(ctx, s.position(last)); err != nil {
				return engine.UnlessDone(ctx, err)
			}
			continue
		}
		if s.setup.Once {
			return nil
		}
		if !engine.Wait(ctx, s.pause(last)) {
			return nil
		}
	}
}

// now is what the clock on the wall shows, which people, networks and sleeping machines set forward and back. What
// time.Now also carries goes on counting evenly when they do, so that is dropped.
func (s *schedule) now() time.Time {
	if s.setup.Now == nil {
		return time.Now().Round(0)
	}
	return s.setup.Now().Round(0)
}

// farBehind is how far behind a clock is that nobody may have set.
const farBehind = 366 * 24 * time.Hour

// putBack reports whether the clock is to be believed though it shows a time before the last one dealt with.
// Waiting for it would lose the times between, and none is acted on twice, because each is claimed. A clock that is
// hardly behind is waited for, and so is one that was not set yet. One that is far behind and was set shows that the
// last time is from a clock that was ahead.
func (s *schedule) putBack(last, now time.Time) bool {
	return last.Sub(now) > punctual && !notSetYet(last, now)
}

func notSetYet(last, now time.Time) bool { return last.Sub(now) >= farBehind && engine.Unset(now) }

// resume returns the planned time after which to go on. A plan that never ran, or that was edited, starts now.
func (s *schedule) resume(ctx context.Context, in engine.Intake) (time.Time, error) {
	last, ok, err := s.stored(ctx, in)
	if err != nil {
		return time.Time{}, err
	}
	if ok {
		if now := s.now(); notSetYet(last, now) {
			s.setup.Log.Warn("the clock was not set yet; waiting for it", "behind", last.Sub(now).Round(time.Second))
		}
		return last, nil
	}
	start := s.now()
	return start, in.Advance(ctx, s.position(start))
}

// stored returns the planned time that was dealt with last, false when this plan never ran.
func (s *schedule) stored(ctx context.Context, positions engine.Positions) (time.Time, bool, error) {
	text, err := positions.Position(ctx, s.setup.Stream)
	if err != nil {
		return time.Time{}, false, err
	}
	at, name, _ := strings.Cut(text, " ")
	last, err := time.Parse(time.RFC3339Nano, at)
	return last, err == nil && name == s.name, nil
}

func (s *schedule) position(t time.Time) engine.Position {
	return engine.Position{Stream: s.setup.Stream, Value: instant(t) + " " + s.name}
}

func instant(t time.Time) string { return t.UTC().Format(time.RFC3339Nano) }

// due is what is to be done about the planned times between the last one and now.
type due struct {
	// last is the planned time that has been dealt with when this is done; it is acted on if fire is set.
	last time.Time
	fire bool
	// missed is how many others are left out.
	missed int
}

// countedMissed bounds how many missed times are counted one by one.
const countedMissed = 100_000

func (s *schedule) due(last, now time.Time) due {
	d := due{last: last}
	tooLate := now.Add(-s.window)
	for {
		t, ok := s.plan.Next(d.last)
		if !ok || s.delayed(t).After(now) {
			return d
		}
		if d.fire && s.all {
			return d
		}
		if d.fire {
			d.missed++
		}
		d.last, d.fire = t, !s.delayed(t).Before(tooLate)
		if !d.fire {
			d.missed++
		}
		if d.missed == countedMissed && t.Before(tooLate) {
			d.last = latest(t, tooLate.Add(-s.jitter))
		}
	}
}

// delayed returns when the planned time is due, with the jitter that belongs to it.
func (s *schedule) delayed(t time.Time) time.Time {
	if s.jitter == 0 {
		return t
	}
	h := fnv.New64a()
	_, _ = io.WriteString(h, s.setup.Rule+" "+instant(t))
	return t.Add(time.Duration(h.Sum64() % uint64(s.jitter)))
}

// pause returns how long to sleep before looking at the clock again.
func (s *schedule) pause(last time.Time) time.Duration {
	t, ok := s.plan.Next(last)
	if !ok {
		return lookAgain
	}
	return min(lookAgain, max(s.delayed(t).Sub(s.now()), 0))
}

func (s *schedule) fire(ctx context.Context, in engine.Intake, t time.Time, missed int) error {
	position := s.position(t)
	return engine.EmitUntilStored(ctx, in, s.setup, func() engine.Signal {
		return engine.Signal{
			Key:      instant(t),
			Time:     t,
			Group:    s.setup.Stream,
			Data:     &Data{Schedule: Schedule{Time: t, Missed: missed}},
			Position: &position,
			Keep:     s.window + claimKeep,
			Planned:  true,
		}
	})
}

func latest(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}
