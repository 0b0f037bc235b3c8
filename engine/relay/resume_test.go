package relay_test

import (
	"context"
	"encoding/json"
	"fmt"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/nbd-wtf/go-nostr"

	"rhea/engine"
	"rhea/engine/relay/local"
	"rhea/engine/relay/relaytest"
)

func sinceOf(tb testing.TB, value string) int64 {
	tb.Helper()
	var p struct{ Since int64 }
	if err := json.Unmarshal([]byte(value), &p); err != nil {
		tb.Fatal(err)
	}
	return p.Since
}

func TestStoredAndLiveEvents(t *testing.T) {
	t.Parallel()
	r := relaytest.New(t)
	stored := noteAt(t, "stored", -time.Minute)
	r.Publish(stored)
	l := newClient(t, newPositions(), nil).listen(engine.Query{}, r.URL())
	if got := l.want(stored)[0]; got.Relay != r.URL() || got.Verify() != nil || !got.Backlog {
		t.Errorf("got %+v, want a backlog", got)
	}
	r.Publish(note(t, "new"))
	if got := <-l.got; got.Backlog {
		t.Error("a new event is backlog")
	}
	old := noteAt(t, "synced from elsewhere", -5*time.Minute)
	r.Publish(old)
	if got := l.want(old)[0]; got.Backlog {
		t.Error("an old event that comes live is backlog")
	}
}

func TestAConnectionThatDiesIsReplaced(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		net := relaytest.NewNetwork()
		r := net.New(t, "one.test", local.Options{})
		l := newClient(t, newPositions(), net.DialContext).listen(engine.Query{}, r.URL())
		for i := range 3 {
			r.Await("REQ", i+1)
			e := note(t, "before the loss")
			r.Publish(e)
			l.want(e)
			r.Stop()
			missed := noteAt(t, "during the loss", time.Second)
			r.Publish(missed)
			pass(24 * time.Hour)
			r.Start()
			if got := l.want(missed)[0]; got.Backlog {
				t.Error("what was missed is backlog")
			}
		}
	})
}

func TestASilentConnectionIsReplacedWithinAMinute(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		net := relaytest.NewNetwork()
		r := net.New(t, "one.test", local.Options{})
		l := newClient(t, newPositions(), net.DialContext).listen(engine.Query{}, r.URL())
		r.Await("REQ", 1)
		pass(time.Hour) // A quiet hour is no reason to reconnect.
		if n := r.Connections(); n != 1 {
			t.Fatalf("%d connections in a quiet hour", n)
		}
		r.Freeze()
		start := time.Now()
		missed := noteAt(t, "missed", 0)
		r.Publish(missed)
		l.want(missed)
		if took := time.Since(start); took > time.Minute {
			t.Errorf("noticed after %s", took)
		}
	})
}

func TestARestartResumesWhereItStopped(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		net := relaytest.NewNetwork()
		up, down := net.New(t, "up.test", local.Options{}), net.New(t, "down.test", local.Options{})
		p := newPositions()
		first := newClient(t, p, net.DialContext)
		l := first.listen(engine.Query{}, up.URL(), down.URL())
		seen := note(t, "seen")
		up.Await("REQ", 1)
		up.Publish(seen)
		l.want(seen)
		pass(time.Hour)
		down.Stop()
		pass(30 * time.Minute)
		l.stop()
		first.close()

		pass(2 * time.Hour)
		onUp, onDown := note(t, "while we slept"), noteAt(t, "while it was down for us", -150*time.Minute)
		up.Publish(onUp)
		down.Publish(onDown)
		down.Start()
		l = newClient(t, p, net.DialContext).listen(engine.Query{}, up.URL(), down.URL())
		for _, got := range l.want(onUp, onDown) {
			if got.Backlog {
				t.Errorf("%q is backlog", got.Event.Content)
			}
		}
		req := asked(up)[1].Filters()[0]
		if want := time.Now().Add(-2*time.Hour - 15*time.Minute); req.Since.Time().Before(want.Add(-time.Minute)) ||
			req.Since.Time().After(want.Add(time.Minute)) {
			t.Errorf("asked since %s, want %s", req.Since.Time(), want)
		}
	})
}

func TestARelayThatIsDownAtTheFirstStartIsCaughtUp(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		net := relaytest.NewNetwork()
		r := net.New(t, "one.test", local.Options{})
		before := noteAt(t, "before the first start", -time.Minute)
		r.Publish(before)
		r.Stop()
		p := newPositions()
		first := newClient(t, p, net.DialContext)
		l := first.listen(engine.Query{}, r.URL())
		pass(time.Hour)
		l.stop()
		first.close()
		during := note(t, "while it was down")
		r.Publish(during)
		pass(time.Hour)
		r.Start()
		l = newClient(t, p, net.DialContext).listen(engine.Query{}, r.URL())
		for _, got := range l.want(before, during) {
			if want := got.Event.ID == before.ID; got.Backlog != want {
				t.Errorf("%q: backlog %v", got.Event.Content, got.Backlog)
			}
		}
	})
}

func TestMaxAgeBoundsTheCatchUp(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		net := relaytest.NewNetwork()
		r := net.New(t, "one.test", local.Options{})
		l := newClient(t, newPositions(), net.DialContext).listen(engine.Query{MaxAge: time.Hour}, r.URL())
		r.Await("REQ", 1)
		r.Stop()
		pass(48 * time.Hour)
		r.Publish(noteAt(t, "too old", -2*time.Hour))
		young := noteAt(t, "young", -30*time.Minute)
		r.Publish(young)
		r.Start()
		l.want(young)
		pass(time.Minute)
		l.nothing()
	})
}

func TestPrivateMessagesKeepTheirWideWindow(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		net := relaytest.NewNetwork()
		r := net.New(t, "one.test", local.Options{})
		// Wraps are dated up to two days back.
		wrap := func(text string) nostr.Event {
			return sign(t, bobKey, nostr.Event{
				Kind: 1059, Content: text, CreatedAt: nostr.Timestamp(time.Now().Add(-47 * time.Hour).Unix()),
			})
		}
		old, missed := wrap("from before the first start"), wrap("sent while the relay was away")
		r.Publish(old)
		l := newClient(t, newPositions(), net.DialContext).listen(engine.Query{
			Filters: nostr.Filters{{Kinds: []int{1059}}, {Kinds: []int{1}}},
		}, r.URL())
		if !l.want(old)[0].Backlog {
			t.Error("what was there before is not backlog")
		}
		pass(time.Minute)
		r.Stop()
		r.Publish(missed)
		r.Start()
		if l.want(missed)[0].Backlog {
			t.Error("what was missed is backlog")
		}
		for _, req := range r.Await("REQ", 4)[2:] {
			filters := req.Filters()
			if len(filters) != 1 {
				t.Fatalf("%s shares a subscription with others", req)
			}
			if back := time.Since(filters[0].Since.Time()); (filters[0].Kinds[0] == 1059) != (back > 71*time.Hour) {
				t.Errorf("asked for kind %d %s back", filters[0].Kinds[0], back)
			}
		}
	})
}

func TestOwnSinceAndLimitAreKept(t *testing.T) {
	t.Parallel()
	r := relaytest.New(t)
	wanted := noteAt(t, "wanted", -24*time.Hour)
	r.Publish(wanted)
	since := nostr.Timestamp(time.Now().Add(-48 * time.Hour).Unix())
	l := newClient(t, newPositions(), nil).listen(engine.Query{
		Filters: nostr.Filters{{Kinds: []int{1}, Since: &since, Limit: 7}},
	}, r.URL())
	if l.want(wanted)[0].Backlog {
		t.Error("what was asked for by name is backlog")
	}
	if f := r.Await("REQ", 1)[0].Filters()[0]; *f.Since != since || f.Limit != 7 {
		t.Errorf("asked for %v", f)
	}
}

func TestANewRelayDoesNotTurnMissedEventsIntoBacklog(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		net := relaytest.NewNetwork()
		one, two := net.New(t, "one.test", local.Options{}), net.New(t, "two.test", local.Options{})
		p := newPositions()
		first := newClient(t, p, net.DialContext)
		l := first.listen(engine.Query{}, one.URL())
		one.Await("REQ", 1)
		pass(time.Hour)
		l.stop()
		first.close()
		missed := note(t, "missed")
		two.Publish(missed)
		pass(time.Minute)
		l = newClient(t, p, net.DialContext).listen(engine.Query{}, one.URL(), two.URL())
		if l.want(missed)[0].Backlog {
			t.Error("what was missed is backlog")
		}
	})
}

// TestAPositionInTheFuture starts with a position from a clock that was an hour ahead. An event in flight keeps the
// position all the same, and events since then are no backlog.
func TestAPositionInTheFuture(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		net := relaytest.NewNetwork()
		r := net.New(t, "one.test", local.Options{})
		p, ahead := newPositions(), time.Now().Add(time.Hour).Unix()
		stream := "test/" + r.URL()
		p.at[stream] = fmt.Sprintf(`{"since":%d,"floor":%d,"primed":true}`, ahead, ahead)
		var healthy atomic.Bool
		l := newClient(t, p, net.DialContext).listenWith(engine.Query{}, func(context.Context, engine.Received) error {
			if !healthy.Load() {
				return errNotNow
			}
			return nil
		}, r.URL())
		r.Await("REQ", 1)
		pass(time.Minute)
		inHand := note(t, "in hand")
		r.Publish(inHand)
		pass(time.Minute)
		if since := sinceOf(t, p.all()[stream]); since > int64(inHand.CreatedAt) {
			t.Errorf("the position is %d s past an event in hand", since-int64(inHand.CreatedAt))
		}
		healthy.Store(true)
		l.want(inHand)
		r.Stop()
		missed := note(t, "missed")
		r.Publish(missed)
		r.Start()
		if l.want(missed)[0].Backlog {
			t.Error("what came while the relay was away is backlog")
		}
	})
}
