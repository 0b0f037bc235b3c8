package delivery

import (
	"testing"
	"time"

	"rhea/engine"
)

// spread draws a pause many times and returns the shortest and the longest.
func spread(draw func() time.Duration) (shortest, longest time.Duration) {
	shortest = time.Duration(1<<63 - 1)
	for range 200 {
		d := draw()
		shortest, longest = min(shortest, d), max(longest, d)
	}
	return shortest, longest
}

// within asks that pauses are drawn from the upper half of what is at most, and are not all the same.
func within(t *testing.T, what string, most time.Duration, draw func() time.Duration) {
	t.Helper()
	shortest, longest := spread(draw)
	if shortest < most/2 || longest > most || longest-shortest < most/4 {
		t.Errorf("%s: pauses from %s to %s, want about %s to %s", what, shortest, longest, most/2, most)
	}
}

func TestPausesOfARetry(t *testing.T) {
	t.Parallel()
	r := engine.Retry{Initial: 2 * time.Second, Max: 5 * time.Minute}
	for attempts, most := range map[int]time.Duration{
		0: 2 * time.Second, 1: 4 * time.Second, 5: 64 * time.Second, 8: 5 * time.Minute, 1000: 5 * time.Minute,
	} {
		within(t, "a retry", most, func() time.Duration { return backoff(r, attempts) })
	}
}

// TestRestsOfARelay asks how long a relay is left alone after so many rests, at so much time into an outage.
func TestRestsOfARelay(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		rests int
		away  time.Duration
		most  time.Duration
	}{
		"the first":            {0, 0, time.Second},
		"the third":            {2, 2 * time.Second, 4 * time.Second},
		"in the first minutes": {30, 9 * time.Minute, 25 * time.Second},
		"after ten minutes":    {30, 10 * time.Minute, 5 * time.Minute},
		"after a month":        {9000, 30 * 24 * time.Hour, 5 * time.Minute},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			since := time.Unix(1e9, 0)
			within(t, "a rest", tt.most, func() time.Duration {
				b := breaker{failures: tt.rests, since: since}
				b.open(since.Add(tt.away), "down")
				if b.failures != tt.rests+1 {
					t.Fatal("the rest is not counted")
				}
				return b.until.Sub(since.Add(tt.away))
			})
		})
	}
}

// TestBars asks how long a relay that bars an identity is left alone by it.
func TestBars(t *testing.T) {
	t.Parallel()
	now := time.Unix(1e9, 0)
	for name, tt := range map[string]struct {
		welcome bool
		want    []time.Duration
	}{
		"a relay that never took anything": {false, []time.Duration{time.Hour, 2 * time.Hour, 4 * time.Hour, 6 * time.Hour, 6 * time.Hour}},
		"one that did":                     {true, []time.Duration{0, 0, time.Hour, 2 * time.Hour}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := suspension{welcome: tt.welcome}
			for i, want := range tt.want {
				h.until = now
				if held := h.block(now, "blocked"); held != (want > 0) || h.until.Sub(now) != want {
					t.Errorf("bar %d holds for %s, want %s", i+1, h.until.Sub(now), want)
				}
			}
		})
	}
}
