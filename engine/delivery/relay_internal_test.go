package delivery

import (
	"errors"
	"fmt"
	"log/slog"
	"testing"
	"time"

	"github.com/nbd-wtf/go-nostr"

	"rhea/engine"
)

// TestWhatARelaySaysToManyCountsOnce has a relay give the same answer to sixteen events under way. What follows is what
// follows after one of them, and the next event is sent alone.
func TestWhatARelaySaysToManyCountsOnce(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		err error
		// most is after how long the next event may be sent at the latest.
		most time.Duration
		// alone says that the next event of the identity is sent alone, others that one of another identity is.
		alone, others bool
	}{
		"yes":          {nil, 0, false, false},
		"invalid":      {&engine.Rejection{Reason: "invalid: no"}, 0, false, false},
		"rate-limited": {&engine.Later{After: time.Minute}, time.Minute, true, true},
		"blocked":      {&engine.Rejection{Code: engine.CodeBlocked, Reason: "blocked: no"}, firstBlock, true, false},
		"silence":      {errors.New("lost"), firstRest, true, true},
		"away":         {&engine.Unreachable{Err: errors.New("refused")}, firstRest, true, true},
	} {
		l := New(Options{Log: slog.New(slog.DiscardHandler)}).relay("wss://relay.example")
		now := time.Now()
		enter := func(pubkey string) turn {
			next, _, ok := l.enter(pubkey, now)
			if !ok {
				t.Fatalf("%s: nothing may be sent", name)
			}
			return next
		}
		var turns []turn
		for range engine.MaxInFlight {
			turns = append(turns, enter("b"))
		}
		next := now
		for i, one := range turns {
			d := engine.Delivery{Event: nostr.Event{ID: fmt.Sprint(i), PubKey: "b"}, Relay: "wss://relay.example"}
			if s := l.settle(d, judge(tt.err), one, now); s.Rest.After(next) {
				next = s.Rest
			}
		}
		if h := l.suspension("b"); h.until.After(next) {
			next = h.until
		}
		if next.Sub(now) > tt.most {
			t.Errorf("after %s the next event is sent in %s, want %s", name, next.Sub(now), tt.most)
		}
		now = next
		if got := enter("b"); got.alone != tt.alone {
			t.Errorf("after %s the next event is sent alone: %t", name, got.alone)
		}
		now = now.Add(time.Minute)
		if got := enter("c"); got.alone != tt.others {
			t.Errorf("after %s the next event of another identity is sent alone: %t", name, got.alone)
		}
	}
}
