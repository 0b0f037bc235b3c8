package feed_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"rhea/engine"
	"rhea/engine/enginetest"
	"rhea/triggers/feed"
)

func TestInterval(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"auto": "auto", "5m": "5m0s", "1d": "24h0m0s", "0 */5 * * * *": "0 */5 * * * *", "@hourly": "@hourly",
	} {
		var i feed.Interval
		if err := i.UnmarshalText([]byte(text)); err != nil {
			t.Errorf("%s: %v", text, err)
		}
		if got, err := i.MarshalText(); err != nil || string(got) != want {
			t.Errorf("%s is %s, %v, want %s", text, got, err, want)
		}
	}
	for _, text := range []string{"often", "61 * * * *", "-5m", "0s"} {
		if err := new(feed.Interval).UnmarshalText([]byte(text)); err == nil {
			t.Errorf("%s is accepted", text)
		}
	}
}

func TestAdvice(t *testing.T) {
	t.Parallel()
	interval := func(s string) (i feed.Interval) {
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
		"polite feed":    {config: feed.Config{Interval: interval("15m")}},
		"automatic feed": {config: feed.Config{Interval: interval("auto")}},
		"own feed":       {config: feed.Config{Interval: interval("1m"), AllowPrivate: true}},
		"pushy feed":     {feed.Config{Interval: interval("1m")}, "interval", "too-often"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			enginetest.Advises(t, test.config, test.path, test.code)
		})
	}
}

func TestCron(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var at feed.Interval
		if err := at.UnmarshalText([]byte("30 */20 * * * *")); err != nil {
			t.Fatal(err)
		}
		s := new(site)
		s.add("1")
		in := new(enginetest.Intake)
		config := configured(func(c *feed.Config) { c.Interval = at })
		var asked []string
		s.set(func(w http.ResponseWriter, _ *http.Request) {
			asked = append(asked, time.Now().UTC().Format("15:04:05"))
			fmt.Fprint(w, rss("1"))
		})
		enginetest.RunFor(t, enginetest.Build(t, feed.Kind(), config, s.setup(t)), in, time.Hour)
		expect(t, "asked", strings.Join(asked, " "), "00:00:00 00:00:30 00:20:30 00:40:30")
		asked = nil
		enginetest.RunFor(t, enginetest.Build(t, feed.Kind(), config, s.setup(t)), in, 10*time.Minute)
		expect(t, "asked after a restart", strings.Join(asked, " "), "01:00:30")
	})
}
