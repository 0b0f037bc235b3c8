package triggers_test

import (
	"testing"

	"rhea/engine"
	"rhea/engine/enginetest"
	"rhea/triggers"
)

func TestAdvice(t *testing.T) {
	t.Parallel()
	interval := func(s string) (i triggers.Interval) {
		if err := i.UnmarshalText([]byte(s)); err != nil {
			t.Fatal(err)
		}
		return i
	}
	for name, test := range map[string]struct {
		config engine.Adviser
		path   string
		code   string
	}{
		"polite feed":    {config: triggers.FeedConfig{Interval: interval("15m")}},
		"automatic feed": {config: triggers.FeedConfig{Interval: interval("auto")}},
		"own feed":       {config: triggers.FeedConfig{Interval: interval("1m"), AllowPrivate: true}},
		"pushy feed":     {triggers.FeedConfig{Interval: interval("1m")}, "interval", "too-often"},
		"hourly":         {config: triggers.ScheduleConfig{Cron: "0 * * * *"}},
		"each second":    {triggers.ScheduleConfig{Cron: "* * * * * *"}, "cron", "too-often"},
		"each 10s":       {triggers.ScheduleConfig{Every: engine.Duration(10e9)}, "every", "too-often"},
		"long past":      {triggers.ScheduleConfig{At: []string{"2001-01-01T00:00:00Z"}}, "at", "never-fires"},
		"future":         {config: triggers.ScheduleConfig{At: []string{"2001-01-01T00:00:00Z", "2101-01-01T00:00:00Z"}}},
		"no such zone":   {config: triggers.ScheduleConfig{Cron: "* * * * * *", Timezone: "Mars"}},
		"nothing":        {config: triggers.ScheduleConfig{}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			enginetest.Advises(t, test.config, test.path, test.code)
		})
	}
}
