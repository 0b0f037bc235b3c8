package schedule_test

import (
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"rhea/engine"
	"rhea/engine/enginetest"
	"rhea/triggers/schedule"
)

func TestPlan(t *testing.T) {
	t.Parallel()
	berlin := func(c *schedule.Config) { c.Cron, c.Timezone = "30 2 * * *", "Europe/Berlin" }
	for _, tt := range []struct {
		name   string
		config schedule.Config
		ran    time.Duration // how long the bot ran before, away how long it has not
		away   time.Duration
		want   string
	}{
		{"never ran", every(time.Hour), 0, 0, "01 01:00, 01 02:00, 01 03:00"},
		{"running", every(time.Hour), 90 * time.Minute, 0, "01 02:00, 01 03:00, 01 04:00"},
		{"overdue", every(time.Hour), 90 * time.Minute, 3 * time.Hour, "01 04:00 overdue, 01 05:00, 01 06:00"},
		{"its zone", scheduled(berlin), 0, 0, "01 02:30, 02 02:30, 03 02:30"},
		{"the end of a list", scheduled(func(c *schedule.Config) { c.At = []string{"2000-01-05 12:00"} }), 0, 0, "05 12:00"},
		{"nothing left", scheduled(func(c *schedule.Config) { c.At = []string{"1999-01-05 12:00"} }), 0, 0, ""},
		{"jitter", scheduled(func(c *schedule.Config) {
			c.Every, c.Jitter = engine.Duration(time.Hour), engine.Duration(10*time.Minute)
		}), 0, 0, "01 01:00 +14s, 01 02:00 +6m55s, 01 03:00 +1m29s"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				in := new(enginetest.Intake)
				trigger := enginetest.Build(t, schedule.Kind(), tt.config, enginetest.Setup(t, nil))
				if tt.ran > 0 {
					enginetest.RunFor(t, trigger, in, tt.ran)
				}
				<-time.After(tt.away)
				planned, err := trigger.(engine.Planner).Plan(t.Context(), in, time.Now(), 3)
				if err != nil {
					t.Fatal(err)
				}
				var got []string
				for _, p := range planned {
					got = append(got, strings.TrimSpace(p.Time.Format("02 15:04 ")+p.Note))
				}
				if s := strings.Join(got, ", "); s != tt.want {
					t.Errorf("planned is %s, want %s", s, tt.want)
				}
				// Asking again changes nothing.
				again, err := trigger.(engine.Planner).Plan(t.Context(), in, time.Now(), 3)
				if err != nil || len(again) != len(planned) {
					t.Errorf("asked again: %v, %v", again, err)
				}
			})
		})
	}
}

func TestSampleTime(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	config := schedule.Config{Cron: "0 8 * * *", Timezone: "UTC", CatchUp: "skip"}
	trigger := enginetest.Build(t, schedule.Kind(), config, enginetest.Setup(t, new(enginetest.Source)))
	for name, tc := range map[string]struct {
		at   time.Time
		want string
	}{
		"planned":     {now.Add(-4 * time.Hour), ""},
		"the next":    {time.Time{}, ""},
		"not planned": {now, "2026-03-01T12:00:00Z is not a planned time; the next one is 2026-03-02T08:00:00Z"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			signals, err := trigger.(engine.Sampler).Sample(t.Context(), engine.Sample{Now: now, Time: tc.at})
			enginetest.Sampled(t, signals, err, tc.want)
		})
	}
	_, err := trigger.(engine.Sampler).Sample(t.Context(), engine.Sample{Now: now, Received: &engine.Received{}})
	enginetest.Sampled(t, nil, err, "it waits for planned times, and something else is given")
}
