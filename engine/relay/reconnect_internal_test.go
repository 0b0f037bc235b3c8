package relay

import (
	"testing"
	"time"
)

// TestTriesPerHour counts the tries to reach a relay that is down, and one that answers and disconnects again, over
// many outages. The worst must stay within the numbers in the comment on reconnect: six deviations from the mean,
// because waits are random.
func TestTriesPerHour(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		up     time.Duration
		useful bool
		// tenMinutes, first and later are the most tries in these spans: the first ten minutes, the first hour, any other.
		tenMinutes, first, later int
	}{
		"down":           {0, false, 70, 95, 45},
		"crashes":        {100 * time.Millisecond, false, 70, 95, 45},
		"answers, dies":  {time.Second, true, 70, 95, 45},
		"comes and goes": {2 * time.Second, true, 70, 270, 270},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for range 2000 {
				b := newReconnect()
				var tenMinutes, first int
				var later [3]int
				start := time.Unix(0, 0)
				for now := start; ; {
					age := now.Sub(start)
					switch {
					case age < time.Hour:
						first++
						if age < shortOutage {
							tenMinutes++
						}
					case age < 4*time.Hour:
						later[age/time.Hour-1]++
					}
					if age >= 4*time.Hour {
						break
					}
					now = now.Add(tt.up)
					b.lost(tt.up, tt.useful, now)
					now = now.Add(b.next(now, now))
				}
				if tenMinutes > tt.tenMinutes || first > tt.first || max(later[0], later[1], later[2]) > tt.later {
					t.Fatalf("%d tries in ten minutes, %d in the first hour, then %v", tenMinutes, first, later)
				}
			}
		})
	}
}

// TestOnlyAStableConnectionEndsTheBackoff lets the waits grow in an outage and then has a connection last for a while.
func TestOnlyAStableConnectionEndsTheBackoff(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		up     time.Duration
		useful bool
		soon   bool
	}{
		"stable":             {stable, false, true},
		"stable, of use":     {stable, true, true},
		"of use, not stable": {stable - time.Second, true, false},
		"neither":            {time.Second, false, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var longest time.Duration
			for range 100 {
				b, now := newReconnect(), time.Unix(0, 0)
				for range 10 {
					now = now.Add(b.next(now, now))
				}
				now = now.Add(tt.up)
				b.lost(tt.up, tt.useful, now)
				longest = max(longest, b.next(now, now))
			}
			if soon := longest <= 2*firstBackoff; soon != tt.soon {
				t.Errorf("the next try comes after up to %s", longest)
			}
		})
	}
}
