package schedule_test

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"rhea/engine"
	"rhea/engine/enginetest"
	"rhea/triggers/schedule"
)

// A clock on the wall that is set while the bot runs. The one of a bubble cannot be: it begins at
// 2000-01-01T00:00:00Z and only goes on, so what it shows is shifted.
type clock struct{ shift atomic.Int64 }

func (c *clock) now() time.Time { return time.Now().Add(time.Duration(c.shift.Load())) }

// turn is what happens to a clock: time passes, then it is set forward, or back.
type turn struct{ pass, set time.Duration }

func TestClockIsSet(t *testing.T) {
	t.Parallel()
	const hour = time.Hour
	for _, tt := range []struct {
		name    string
		catchUp string
		window  time.Duration
		turns   []turn
		want    string
	}{
		{"nothing", "latest", hour, []turn{{3*hour + 30*time.Minute, 0}}, "01:00 02:00 03:00"},
		{"seconds forward", "latest", hour, []turn{{hour - time.Second, 3 * time.Second}, {hour, 0}}, "01:00 02:00"},
		{"seconds back, before", "latest", hour, []turn{{hour - time.Second, -3 * time.Second}, {hour, 0}}, "01:00"},
		{"seconds back, after", "latest", hour, []turn{{hour + time.Second, -3 * time.Second}, {hour, 0}}, "01:00"},
		{"minutes back, after", "latest", hour, []turn{{hour + time.Second, -3 * time.Minute}, {2 * hour, 0}}, "01:00 02:00"},
		{"a sleep over one time", "latest", hour, []turn{{30 * time.Minute, hour}, {hour, 0}}, "01:00 02:00"},
		{"a sleep over three, the last", "latest", hour, []turn{{30 * time.Minute, 3 * hour}, {hour, 0}}, "03:00!! 04:00"},
		{"a sleep over three, all", "all", 24 * hour, []turn{{30 * time.Minute, 3 * hour}, {hour, 0}}, "01:00 02:00 03:00 04:00"},
		{"a sleep over three, none", "skip", hour, []turn{{30 * time.Minute, 3 * hour}, {hour, 0}}, "04:00!!!"},
		{"an hour back", "latest", hour, []turn{{2*hour + 30*time.Minute, -hour}, {3 * hour, 0}}, "01:00 02:00 03:00 04:00"},
		{"forward by mistake", "latest", hour, []turn{{90 * time.Minute, 2*hour + 10*time.Minute}, {time.Minute, -2*hour - 10*time.Minute}, {3 * hour, 0}},
			"01:00 03:00! 02:00 04:00"},
		{"a month forward by mistake", "latest", hour, []turn{{90 * time.Minute, 720 * hour}, {time.Minute, -720 * hour}, {2 * hour, 0}},
			"01:00 01:00+30!!!!!!!!! 02:00 03:00"},
		{"forward and back, again and again", "all", 24 * hour, []turn{{hour + time.Minute, 2 * hour}, {time.Minute, -2 * hour}, {time.Minute, 2 * hour}, {time.Minute, -2 * hour}, {3 * hour, 0}},
			"01:00 02:00 03:00 04:00"},
		{"not set yet", "latest", hour, []turn{{90 * time.Minute, -30 * 365 * 24 * hour}, {3 * hour, 30 * 365 * 24 * hour}, {30 * time.Minute, 0}},
			"01:00 04:00!! 05:00"},
		{"set, and years ahead for a while", "latest", hour, []turn{
			{0, 30 * 366 * 24 * hour}, {90 * time.Minute, 73 * 365 * 24 * hour}, {time.Minute, -73 * 365 * 24 * hour}, {2 * hour, 0},
		}, "00:00+22!!!!!!!!! 01:00+22 01:00+5!!!!!!!!! 02:00+22 03:00+22"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				in := new(enginetest.Intake)
				runThrough(t, tt.catchUp, tt.window, tt.turns, in, false, slog.New(slog.DiscardHandler))
				if got := planned(in); got != tt.want {
					t.Errorf("fired %s, want %s", got, tt.want)
				}
			})
			// A restart whenever the clock is set changes nothing but the count of what was missed.
			synctest.Test(t, func(t *testing.T) {
				in := new(enginetest.Intake)
				runThrough(t, tt.catchUp, tt.window, tt.turns, in, true, slog.New(slog.DiscardHandler))
				if got, want := strings.ReplaceAll(planned(in), "!", ""), strings.ReplaceAll(tt.want, "!", ""); got != want {
					t.Errorf("with restarts fired %s, want %s", got, want)
				}
			})
		})
	}
}

// TestClockPutBackIsTold tells of a clock that somebody has put back, and not of one that was corrected.
func TestClockPutBackIsTold(t *testing.T) {
	t.Parallel()
	for back, want := range map[time.Duration]bool{50 * time.Second: false, 3 * time.Minute: true} {
		synctest.Test(t, func(t *testing.T) {
			var told bytes.Buffer
			turns := []turn{{time.Hour + time.Second, -back}, {time.Hour, 0}}
			runThrough(t, "latest", time.Hour, turns, new(enginetest.Intake), false, slog.New(slog.NewTextHandler(&told, nil)))
			if strings.Contains(told.String(), "put back") != want {
				t.Errorf("put back by %s, the log says %q", back, told.String())
			}
		})
	}
}

// runThrough runs an hourly schedule through the turns of its clock.
func runThrough(t *testing.T, catchUp string, window time.Duration, turns []turn, in engine.Intake, restart bool, log *slog.Logger) {
	t.Helper()
	c := new(clock)
	config := every(time.Hour)
	config.CatchUp, config.CatchUpWindow = catchUp, engine.Duration(window)
	set := enginetest.Setup(t, nil)
	set.Now, set.Log = c.now, log
	begin := func() (end func()) {
		trigger := enginetest.Build(t, schedule.Kind(), config, set)
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan error)
		go func() { done <- trigger.Run(ctx, in) }()
		synctest.Wait()
		return func() {
			cancel()
			if err := <-done; err != nil {
				t.Error(err)
			}
		}
	}
	end := begin()
	for _, turn := range turns {
		<-time.After(turn.pass)
		synctest.Wait()
		if restart {
			end()
		}
		c.shift.Add(int64(turn.set))
		if restart {
			end = begin()
		}
	}
	end()
}

// planned lists what was fired, with the days from the first one on and what was missed.
func planned(in *enginetest.Intake) string {
	var all []string
	for _, s := range in.Signals() {
		text := s.Time.Format("15:04")
		if days := s.Time.YearDay() - 1; days > 0 {
			text += fmt.Sprintf("+%d", days)
		}
		if d, ok := s.Data.(*schedule.Data); ok {
			text += strings.Repeat("!", min(d.Schedule.Missed, 9))
		}
		all = append(all, text)
	}
	return strings.Join(all, " ")
}
