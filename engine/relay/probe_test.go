package relay_test

import (
	"fmt"
	"slices"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/nbd-wtf/go-nostr"

	"rhea/engine"
	"rhea/engine/relay/local"
	"rhea/engine/relay/relaytest"
)

// TestAForgottenSubscriptionIsFound has a relay forget all subscriptions of a standing connection.
func TestAForgottenSubscriptionIsFound(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		net := relaytest.NewNetwork()
		var forgets atomic.Bool
		r := net.New(t, "one.test", local.Options{}, relaytest.Forget(&forgets))
		c := newClient(t, newPositions(), net.DialContext)
		l := c.listen(engine.Query{Filters: nostr.Filters{{Kinds: []int{1}, Tags: nostr.TagMap{"p": {person(1)}}}}}, r.URL())
		before := mention(t, person(1), "before")
		r.Await("REQ", 1)
		r.Publish(before)
		l.want(before)
		for i := range 3 {
			pass(3 * time.Hour)
			forgets.Store(true)
			missed := mention(t, person(1), fmt.Sprint("missed ", i))
			r.Publish(missed)
			start := time.Now()
			l.want(missed)
			if took := time.Since(start); took > 6*time.Minute {
				t.Errorf("found out after %s", took)
			}
			forgets.Store(false)
		}
		if n := r.Connections(); n != 1 {
			t.Errorf("%d connections, want 1", n)
		}
		if asked := len(asked(r)); asked != 4 {
			t.Errorf("%d subscriptions, want one more for each that was forgotten", asked)
		}
	})
}

// TestAForgottenSubscriptionToPrivateMessagesIsFound is the same with messages dated days back, beside older ones.
func TestAForgottenSubscriptionToPrivateMessagesIsFound(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		net := relaytest.NewNetwork()
		var forgets atomic.Bool
		r := net.New(t, "one.test", local.Options{}, relaytest.Forget(&forgets))
		wrap := func(text string, back time.Duration) nostr.Event {
			return sign(t, aliceKey, nostr.Event{
				Kind: 1059, Content: text, Tags: nostr.Tags{{"p", person(1)}}, CreatedAt: nostr.Timestamp(time.Now().Add(-back).Unix()),
			})
		}
		c := newClient(t, newPositions(), net.DialContext)
		l := c.listen(engine.Query{Filters: nostr.Filters{{Kinds: []int{1059}, Tags: nostr.TagMap{"p": {person(1)}}}}}, r.URL())
		r.Await("REQ", 1)
		before := []nostr.Event{wrap("before", time.Hour), wrap("long before", 40*time.Hour)}
		for _, e := range before {
			r.Publish(e)
		}
		l.want(before...)
		pass(3 * time.Hour)
		if reqs := slices.DeleteFunc(r.Heard("REQ"), func(m relaytest.Message) bool { return hasLimit(m.Filters()[0]) }); len(reqs) != 1 {
			t.Errorf("asked again without a reason: %q", reqs)
		}
		forgets.Store(true)
		missed := wrap("missed", 47*time.Hour)
		r.Publish(missed)
		start := time.Now()
		l.want(missed)
		if took := time.Since(start); took > 6*time.Minute {
			t.Errorf("found out after %s", took)
		}
	})
}

// TestWhatAForgottenSubscriptionMissedIsRead has a relay forget the subscriptions and refuse probes for longer than the
// overlap of a new subscription: events from the beginning of that time are read all the same.
func TestWhatAForgottenSubscriptionMissedIsRead(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		net := relaytest.NewNetwork()
		var forgets atomic.Bool
		forget := relaytest.Forget(&forgets)
		r := net.New(t, "one.test", local.Options{}, forget)
		l := newClient(t, newPositions(), net.DialContext).listen(engine.Query{}, r.URL())
		r.Await("REQ", 1)
		pass(time.Hour)
		forgets.Store(true)
		r.Behave(forget, relaytest.RefuseFilters("error: no", hasLimit))
		missed := note(t, "missed")
		r.Publish(missed)
		pass(time.Hour)
		l.nothing()
		r.Behave(forget)
		l.want(missed)
	})
}

// TestProbesAreCheap counts the traffic of a quiet day, with some events of old dates.
func TestProbesAreCheap(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		relay relaytest.Behaviour
		every time.Duration
		subs  int
	}{
		"quiet":                     {relay: relaytest.Behaviour{}, subs: 1},
		"speaks now and then":       {relay: relaytest.Behaviour{}, every: time.Hour, subs: 1},
		"limits are ignored":        {relay: relaytest.IgnoreLimits(), every: 20 * time.Minute, subs: 1},
		"canaries are refused":      {relay: relaytest.RefuseFilters("error: no", hasLimit), subs: 1},
		"canaries are not answered": {relay: relaytest.RefuseFilters("", hasLimit), subs: 1},
		"forgeries as answers":      {relay: relaytest.ForgeSignatures(), every: time.Hour, subs: 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				net := relaytest.NewNetwork()
				r := net.New(t, "one.test", local.Options{}, tt.relay)
				l := newClient(t, newPositions(), net.DialContext).listen(engine.Query{}, r.URL())
				for passed := time.Duration(0); passed < 6*time.Hour; passed += 10 * time.Minute {
					pass(10 * time.Minute)
					if tt.every > 0 && passed%tt.every == 0 {
						r.Publish(note(t, passed.String()))
					}
				}
				pass(time.Minute)
				if n := len(asked(r)); n != tt.subs {
					t.Errorf("%d subscriptions in six hours, want %d", n, tt.subs)
				}
				if n := len(r.Heard("REQ")); n > 100 {
					t.Errorf("%d REQs in six hours", n)
				}
				if open := len(r.Local.Subscriptions()); open != 1 {
					t.Errorf("%d subscriptions are open", open)
				}
				l.stop()
			})
		})
	}
}

func hasLimit(f nostr.Filter) bool { return f.Limit > 0 }
