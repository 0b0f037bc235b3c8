package schedule_test

import (
	"errors"
	"reflect"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"rhea/engine"
	"rhea/engine/enginetest"
	"rhea/triggers/schedule"
)

// scheduled is a schedule with the defaults and some changes. The clock of a bubble begins at
// 2000-01-01T00:00:00Z, a Saturday.
func scheduled(change func(*schedule.Config)) schedule.Config {
	c := schedule.Kind().Defaults.(schedule.Config)
	change(&c)
	return c
}

func every(d time.Duration) schedule.Config {
	return scheduled(func(c *schedule.Config) { c.Every = engine.Duration(d) })
}

func cronAt(text string) schedule.Config {
	return scheduled(func(c *schedule.Config) { c.Cron = text })
}

// fired lists the planned times, short, with what was missed.
func fired(in *enginetest.Intake) string {
	var all []string
	for _, s := range in.Signals() {
		d := s.Data.(*schedule.Data).Schedule
		text := d.Time.Format("02 15:04")
		if d.Missed > 0 {
			text += strings.Repeat("!", min(d.Missed, 9))
		}
		all = append(all, text)
	}
	return strings.Join(all, ", ")
}

func TestKeepsTheContract(t *testing.T) {
	t.Parallel()
	for name, config := range map[string]schedule.Config{
		"cron": cronAt("*/5 * * * *"), "every": every(time.Minute),
		"at": scheduled(func(c *schedule.Config) {
			c.At = []string{"2000-01-01T00:01:30Z", "2000-01-01T00:10:00Z", "2000-01-01T00:20:00Z"}
		}),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			enginetest.Trigger(t, func(t *testing.T) enginetest.TriggerWorld {
				return enginetest.TriggerWorld{
					Build:  func() engine.Trigger { return enginetest.Build(t, schedule.Kind(), config, enginetest.Setup(t, nil)) },
					Happen: func() {}, // Time passes by itself.
				}
			})
		})
	}
}

func TestFires(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name   string
		config schedule.Config
		want   string
	}{
		{"cron", cronAt("0 6,18 * * *"), "01 06:00, 01 18:00, 02 06:00"},
		{"cron with seconds", cronAt("30 0 6 * * *"), "01 06:00, 02 06:00"},
		{"weekday", cronAt("0 1 * * SUN"), "02 01:00"},
		{"weekday seven", cronAt("0 1 * * 7"), "02 01:00"},
		{"name", cronAt("@daily"), "02 00:00"},
		{"every", every(10 * time.Hour), "01 02:00, 01 12:00, 01 22:00, 02 08:00"}, // Counted from 1970.
		{"at", scheduled(func(c *schedule.Config) {
			c.Timezone = "Europe/Berlin"
			c.At = []string{"2000-01-02 03:00", "1999-12-31 03:00", "2000-01-01T12:00:00Z"}
		}), "01 13:00, 02 03:00"},
		{"zone", scheduled(func(c *schedule.Config) { c.Cron, c.Timezone = "0 6 * * *", "Asia/Kolkata" }),
			"01 06:00, 02 06:00"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				in := new(enginetest.Intake)
				enginetest.RunFor(t, enginetest.Build(t, schedule.Kind(), tt.config, enginetest.Setup(t, nil)), in, 34*time.Hour)
				if got := fired(in); got != tt.want {
					t.Errorf("fired %s, want %s", got, tt.want)
				}
			})
		})
	}
}

func TestSignal(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		in := new(enginetest.Intake)
		config := scheduled(func(c *schedule.Config) { c.Cron, c.Timezone = "0 12 * * *", "Europe/Berlin" })
		enginetest.RunFor(t, enginetest.Build(t, schedule.Kind(), config, enginetest.Setup(t, nil)), in, 24*time.Hour)
		s := in.Signals()[0]
		if week := 7 * 24 * time.Hour; s.Keep != week+time.Hour {
			t.Errorf("the claim is kept for %s, want a week and the catch-up window: an endless schedule must not grow the state", s.Keep)
		}
		planned := time.Date(2000, 1, 1, 11, 0, 0, 0, time.UTC)
		if s.Key != "2000-01-01T11:00:00Z" || !s.Time.Equal(planned) || s.Event != nil || s.Position == nil {
			t.Errorf("the signal is %+v", s)
		}
		if d := s.Data.(*schedule.Data).Schedule; d.Time.Format(time.RFC3339) != "2000-01-01T12:00:00+01:00" {
			t.Errorf("the planned time is %v, want it in the zone", d.Time)
		}
	})
}

func TestCatchesUp(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name, catchUp string
		window, away  time.Duration
		want          string
	}{
		{"latest", "latest", time.Hour, 3*time.Hour + 30*time.Minute, "01 01:00, 01 05:00!!!, 01 06:00"},
		{"latest, all too old", "latest", 5 * time.Minute, 3*time.Hour + 30*time.Minute, "01 01:00, 01 06:00!!!!"},
		{"all", "all", 24 * time.Hour, 3*time.Hour + 30*time.Minute,
			"01 01:00, 01 02:00, 01 03:00, 01 04:00, 01 05:00, 01 06:00"},
		{"all within the window", "all", 2 * time.Hour, 3*time.Hour + 30*time.Minute,
			"01 01:00, 01 04:00!!, 01 05:00, 01 06:00"},
		{"skip", "skip", time.Hour, 3*time.Hour + 30*time.Minute, "01 01:00, 01 06:00!!!!"},
		{"nothing missed", "all", time.Hour, 10 * time.Minute, "01 01:00, 01 02:00"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				config := every(time.Hour)
				config.CatchUp, config.CatchUpWindow = tt.catchUp, engine.Duration(tt.window)
				in := new(enginetest.Intake)
				enginetest.RunFor(t, enginetest.Build(t, schedule.Kind(), config, enginetest.Setup(t, nil)), in, 100*time.Minute)
				<-time.After(tt.away)
				enginetest.RunFor(t, enginetest.Build(t, schedule.Kind(), config, enginetest.Setup(t, nil)), in, time.Hour)
				if got := fired(in); got != tt.want {
					t.Errorf("fired %s, want %s", got, tt.want)
				}
			})
		})
	}
}

func TestLongAwayIsCheap(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		in := new(enginetest.Intake)
		trigger := enginetest.Build(t, schedule.Kind(), every(time.Second), enginetest.Setup(t, nil))
		enginetest.RunFor(t, trigger, in, 90*time.Second)
		before := len(in.Signals())
		<-time.After(20 * 365 * 24 * time.Hour)
		enginetest.RunFor(t, trigger, in, 500*time.Millisecond)
		if got := len(in.Signals()) - before; got != 1 {
			t.Errorf("made up for %d times, want one", got)
		}
	})
}

func TestEditedPlanStartsFromNow(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		in := new(enginetest.Intake)
		enginetest.RunFor(t, enginetest.Build(t, schedule.Kind(), cronAt("0 1 * * *"), enginetest.Setup(t, nil)), in, 2*time.Hour)
		<-time.After(time.Hour)
		enginetest.RunFor(t, enginetest.Build(t, schedule.Kind(), cronAt("30 2,3 * * *"), enginetest.Setup(t, nil)), in, time.Hour)
		if got, want := fired(in), "01 01:00, 01 03:30"; got != want {
			t.Errorf("fired %s, want %s: an edit must not make up for times of the new plan", got, want)
		}
	})
}

func TestJitter(t *testing.T) {
	t.Parallel()
	at := func(t *testing.T, rule string) []time.Time {
		var times []time.Time
		synctest.Test(t, func(t *testing.T) {
			in := &enginetest.Intake{Refuse: func(s engine.Signal) error {
				if delay := time.Since(s.Time); delay < 0 || delay >= 10*time.Minute {
					t.Errorf("%s comes %s after its time", s.Key, delay)
				}
				times = append(times, time.Now())
				return nil
			}}
			config := every(time.Hour)
			config.Jitter = engine.Duration(10 * time.Minute)
			s := enginetest.Setup(t, nil)
			s.Rule = rule
			enginetest.RunFor(t, enginetest.Build(t, schedule.Kind(), config, s), in, 12*time.Hour)
		})
		return times
	}
	first, again, other := at(t, "one"), at(t, "one"), at(t, "two")
	if len(first) < 11 || !reflect.DeepEqual(first, again) {
		t.Errorf("the delays differ from run to run: %v, %v", first, again)
	}
	if reflect.DeepEqual(first, other) {
		t.Error("all rules have the same delays")
	}
}

func TestOnce(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		in := new(enginetest.Intake)
		s := enginetest.Setup(t, nil)
		s.Once = true
		pass := func(want string) {
			t.Helper()
			if err := enginetest.Build(t, schedule.Kind(), every(time.Hour), s).Run(t.Context(), in); err != nil {
				t.Fatal(err)
			}
			if got := fired(in); got != want {
				t.Errorf("fired %q, want %q", got, want)
			}
		}
		pass("")
		<-time.After(30 * time.Minute)
		pass("")
		<-time.After(time.Hour)
		pass("01 01:00")
		pass("01 01:00")
		in.Refuse = func(engine.Signal) error { return errors.New("full") }
		<-time.After(time.Hour)
		if err := enginetest.Build(t, schedule.Kind(), every(time.Hour), s).Run(t.Context(), in); err == nil {
			t.Error("a pass whose signal was not stored says it was fine")
		}
		in.Refuse = nil
		pass("01 01:00, 01 02:00")
	})
}

func TestRefuses(t *testing.T) {
	t.Parallel()
	with := func(change func(*schedule.Config)) schedule.Config { return scheduled(change) }
	for _, tt := range []struct {
		name        string
		config      any
		paths, says string
	}{
		{"nothing", with(func(*schedule.Config) {}), "", "says not when"},
		{"two", with(func(c *schedule.Config) { c.Cron, c.Every = "@daily", 1 }), "every", "beside cron"},
		{"impossible", cronAt("0 0 30 2 *"), "cron", "never fires"},
		{"nothing in the list", cronAt("0 0 , * *"), "cron", "never fires"},
		{"zone inside", cronAt("TZ=UTC"), "cron", "timezone:"},
		{"zone inside, complete", cronAt("CRON_TZ=Europe/Berlin 0 0 * * *"), "cron", "timezone:"},
		{"a span", cronAt("@every 5m"), "cron", "every: 5m"},
		{"too few fields", cronAt("0 18 * *"), "cron", "minute hour day month weekday"},
		{"too many fields", cronAt("0 0 18 * * THU 2026"), "cron", "minute hour day month weekday"},
		{"out of range", cronAt("60 18 * * *"), "cron", "is the most there"},
		{"weekday eight", cronAt("0 18 * * 8"), "cron", "is the most there"},
		{"unknown word", cronAt("0 18 * * THURSDAY"), "cron", "THURSDAY"},
		{"unknown name", cronAt("@reboot"), "cron", "@reboot"},
		{"short span", every(time.Millisecond), "every", "shortest"},
		{"no times", with(func(c *schedule.Config) { c.At = []string{} }), "at", "would match nothing"},
		{"odd time", with(func(c *schedule.Config) { c.At = []string{"2026-03-12T18:00:00Z", "noon"} }), "at.1", "noon"},
		{"odd zone", with(func(c *schedule.Config) { c.Every, c.Timezone = engine.Duration(time.Hour), "Europe/Berln" }), "timezone", "Europe/Berln"},
		{"odd catch_up", with(func(c *schedule.Config) { c.Cron, c.CatchUp = "@daily", "none" }), "catch_up", "latest"},
		{"jitter too large", with(func(c *schedule.Config) {
			c.Every, c.Jitter = engine.Duration(time.Hour), engine.Duration(time.Hour)
		}), "jitter", "not less"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			enginetest.Refuses(t, schedule.Kind(), tt.config, tt.paths, tt.says)
		})
	}
}

func TestAdvice(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		config engine.Adviser
		path   string
		code   string
	}{
		"hourly":       {config: schedule.Config{Cron: "0 * * * *"}},
		"each second":  {schedule.Config{Cron: "* * * * * *"}, "cron", "too-often"},
		"each 10s":     {schedule.Config{Every: engine.Duration(10e9)}, "every", "too-often"},
		"long past":    {schedule.Config{At: []string{"2001-01-01T00:00:00Z"}}, "at", "never-fires"},
		"future":       {config: schedule.Config{At: []string{"2001-01-01T00:00:00Z", "2101-01-01T00:00:00Z"}}},
		"no such zone": {config: schedule.Config{Cron: "* * * * * *", Timezone: "Mars"}},
		"nothing":      {config: schedule.Config{}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			enginetest.Advises(t, test.config, test.path, test.code)
		})
	}
}
