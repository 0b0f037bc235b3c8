package relay

import (
	"testing"
	"time"

	"github.com/nbd-wtf/go-nostr"
)

// TestClockIsPutBack lets a leg read for a while with a clock that is an hour ahead. Once that is put right, the leg must
// neither ask for events of the hour to come only, nor store that it has read them.
func TestClockIsPutBack(t *testing.T) {
	t.Parallel()
	now := time.Now()
	ahead := now.Add(time.Hour).Unix()
	asked := since(nostr.Filters{{Kinds: []int{1}}}, ahead, 0, now)
	if from, most := asked[0].Since.Time(), now.Add(-overlap); from.After(most) {
		t.Errorf("asks for events since %s, want %s at most", from, most)
	}
	l := &leg{query: newQuery(1, nil), at: place{Since: ahead}, live: new(link)}
	l.live.alive.Store(now.UnixNano())
	if at := l.place().Since; at != now.Unix() {
		t.Errorf("has read until %s, want %s", time.Unix(at, 0), now)
	}
	l.live.alive.Store(now.Add(-time.Minute).UnixNano())
	if at := l.place().Since; at != now.Unix() {
		t.Errorf("goes back to %s", time.Unix(at, 0))
	}
}
