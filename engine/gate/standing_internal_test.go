package gate

import (
	"slices"
	"strings"
	"testing"
	"time"

	"rhea/engine"
)

func TestShare(t *testing.T) {
	t.Parallel()
	for count, want := range map[int][]int{300: {200, 250, 300}, 5: {4, 5, 5}, 1: {1, 1, 1}} {
		var got []int
		for _, s := range []Standing{newcomer, proven, known} {
			got = append(got, s.share([]engine.Rate{{Count: count, Per: time.Hour}})[0].Count)
		}
		if !slices.Equal(got, want) {
			t.Errorf("of %d they may use %v, want %v", count, got, want)
		}
	}
}

// TestWindowsAreBounded counts under more counters than are kept; what is on its way stays.
func TestWindowsAreBounded(t *testing.T) {
	t.Parallel()
	s := newWindows(engine.Clock{}.OnWall())
	s.begin([]string{"busy"})
	for i := range maxWindows {
		s.slot(string(rune(i)))
	}
	if len(s.kept) != 2 || s.kept["busy"] == nil {
		t.Errorf("%d counts are left", len(s.kept))
	}
}

// TestNewcomersHaveFewPlaces asks that the words of any number of newcomers take a bounded number of places.
func TestNewcomersHaveFewPlaces(t *testing.T) {
	t.Parallel()
	streams := make(map[string]bool)
	for i := range 3 * newcomerWords {
		streams[newcomerStream("bot", strings.Repeat("a", i%50)+string(rune(i)))] = true
	}
	if n := len(streams); n > newcomerWords || n < newcomerWords/2 {
		t.Errorf("%d places", n)
	}
}
