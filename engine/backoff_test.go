package engine_test

import (
	"slices"
	"testing"
	"time"

	"rhea/engine"
)

func TestBackoffDoublesUpToItsLast(t *testing.T) {
	t.Parallel()
	b := engine.Backoff{First: time.Second, Last: 5 * time.Second}
	pauses := func() (got []time.Duration) {
		for range 4 {
			got = append(got, b.Next())
		}
		return got
	}
	want := []time.Duration{time.Second, 2 * time.Second, 4 * time.Second, 5 * time.Second}
	if got := pauses(); !slices.Equal(got, want) {
		t.Errorf("pauses %v, want %v", got, want)
	}
	for range 100 {
		if got := b.Next(); got != b.Last {
			t.Fatalf("pause %v after many tries, want %v", got, b.Last)
		}
	}
	b.Reset()
	if got := pauses(); !slices.Equal(got, want) {
		t.Errorf("pauses %v after a reset, want %v", got, want)
	}
}

func TestJitteredPausesStayWithinTheirBounds(t *testing.T) {
	t.Parallel()
	for range 200 {
		b := engine.Backoff{First: time.Second, Last: 5 * time.Second}
		for _, ceiling := range []time.Duration{time.Second, 2 * time.Second, 4 * time.Second, 5 * time.Second} {
			if got, most := b.Jittered(), min(b.First+ceiling, b.Last); got < b.First || got > most {
				t.Fatalf("pause %v, want %v to %v", got, b.First, most)
			}
		}
		if got := engine.Spread(10 * time.Second); got < 5*time.Second || got > 10*time.Second {
			t.Fatalf("spread to %v, want 5s to 10s", got)
		}
	}
	if engine.Spread(0) != 0 {
		t.Error("no time was spread")
	}
}
