package relay

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/nbd-wtf/go-nostr"

	"rhea/engine"
)

// TestARefusalRaisesNoLimit checks that a refusal of one of many subscriptions, which cannot be merged, leaves a lower
// limit in place.
func TestARefusalRaisesNoLimit(t *testing.T) {
	t.Parallel()
	p := newPlanner(t.Context(), &session{}, nil)
	p.limits.subscriptions = 3
	var last *group
	for _, word := range []string{"a", "b", "c", "d", "e", "f"} {
		sub := &subscriber{stream: word, class: search, isolated: true, filters: nostr.Filters{{Search: word}}}
		last = &group{planner: p, subscribers: map[*subscriber]bool{sub: true}}
		p.groups[last] = true
	}
	if p.tooMany(last) {
		t.Error("fewer subscriptions suffice, want them to be as few as they can be")
	}
	if got := p.limits.subscriptions; got != 3 {
		t.Errorf("the relay takes %d subscriptions, want 3 as before", got)
	}
}

// TestThePlannerWaitsForThoseWhoJoin checks that a few subscribers do not make the planner wait, and that many do, but not
// without end.
func TestThePlannerWaitsForThoseWhoJoin(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name           string
		joining, times int
		want           time.Duration
	}{
		{"a few", manyJoin - 1, 1, joinWindow},
		{"many", manyJoin, 6, 4 * joinWindow},
		{"many without end", manyJoin, 1000, joinLimit},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				p := newPlanner(t.Context(), &session{}, nil)
				go func() {
					for n := 0; n < c.times && engine.Wait(t.Context(), joinWindow/2*time.Duration(min(n, 1))); n++ {
						for range c.joining {
							p.add(&subscriber{})
						}
					}
				}()
				synctest.Wait()
				began := time.Now()
				if !p.waitForJoining() {
					t.Error("the planner has ended")
				}
				if waited := time.Since(began); waited < c.want || waited > c.want+joinWindow {
					t.Errorf("it waited %s, want %s", waited, c.want)
				}
			})
		})
	}
}
