package triggers_test

import (
	"testing"
	"testing/synctest"
	"time"

	"rhea/engine"
	"rhea/engine/enginetest"
	"rhea/triggers"
)

func TestFeedPlan(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s, in := new(site), new(enginetest.Intake)
		s.add("1")
		config := feed(func(c *triggers.FeedConfig) { c.Interval = triggers.Every(10 * time.Minute) })
		trigger := enginetest.Build(t, kind("feed"), config, s.setup(t))
		plan := func() engine.Planned {
			t.Helper()
			looks, err := trigger.(engine.Planner).Plan(t.Context(), in, time.Now(), 5)
			if err != nil || len(looks) != 1 {
				t.Fatalf("Plan = %v, %v; want one look", looks, err)
			}
			return looks[0]
		}
		if p := plan(); !p.Time.Equal(time.Now()) || p.Note != "site.example, first look" {
			t.Errorf("before the first look the plan is %+v", p)
		}
		start := time.Now()
		enginetest.RunFor(t, trigger, in, 25*time.Minute)
		if p := plan(); !p.Time.Equal(start.Add(30*time.Minute)) || p.Note != "site.example" {
			t.Errorf("25 minutes after a start with a look every 10 the plan is %+v", p)
		}
	})
}
