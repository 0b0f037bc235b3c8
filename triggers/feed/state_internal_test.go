package feed

import (
	"testing"
	"time"
)

// TestMoveIsBelieved sees a feed redirected for good at some hours, and asks when that is believed.
func TestMoveIsBelieved(t *testing.T) {
	t.Parallel()
	type sighting struct {
		hour int
		to   string
	}
	for name, tt := range map[string]struct {
		seen []sighting
		want bool // a day after the first
	}{
		"three times over a day":     {[]sighting{{0, "b"}, {12, "b"}, {24, "b"}}, true},
		"three times at once":        {[]sighting{{0, "b"}, {0, "b"}, {0, "b"}}, true},
		"twice":                      {[]sighting{{0, "b"}, {24, "b"}}, false},
		"not any more":               {[]sighting{{0, "b"}, {1, "b"}, {2, "b"}, {3, ""}}, false},
		"to another place meanwhile": {[]sighting{{0, "b"}, {1, "c"}, {2, "b"}, {3, "b"}}, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			begin := time.Unix(1e9, 0)
			var s state
			for _, one := range tt.seen {
				s.see(one.to, begin.Add(time.Duration(one.hour)*time.Hour))
				if one.hour < 24 && s.hasMoved(begin.Add(23*time.Hour)) {
					t.Errorf("believed within a day: %+v", s)
				}
			}
			if got := s.hasMoved(begin.Add(24 * time.Hour)); got != tt.want {
				t.Errorf("believed after a day: %v, want %v: %+v", got, tt.want, s)
			}
		})
	}
}
