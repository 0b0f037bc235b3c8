package relay_test

import (
	"context"
	"errors"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/nbd-wtf/go-nostr"

	"rhea/engine"
	"rhea/engine/relay/local"
	"rhea/engine/relay/relaytest"
)

func TestAnEventOfTwoRelaysIsDeliveredOnce(t *testing.T) {
	t.Parallel()
	one, two := relaytest.New(t), relaytest.New(t)
	// The second address is the first in another spelling.
	l := newClient(t, newPositions(), nil).listen(engine.Query{Concurrency: 4}, one.URL(), one.URL()+"/", two.URL())
	one.Await("REQ", 1)
	two.Await("REQ", 1)
	events := numbered(t, 50)
	for _, e := range events {
		one.Publish(e)
		two.Publish(e)
	}
	l.want(events...)
	last := note(t, "last")
	one.Publish(last)
	l.want(last)
	if got := one.Connections(); got != 1 {
		t.Errorf("%d connections to one relay, want 1", got)
	}
}

func TestOrderPerAuthorHolds(t *testing.T) {
	t.Parallel()
	r := relaytest.New(t)
	var mu sync.Mutex
	order := make(map[string][]string)
	l := newClient(t, newPositions(), nil).listenWith(engine.Query{Concurrency: 8},
		func(_ context.Context, got engine.Received) error {
			mu.Lock()
			defer mu.Unlock()
			order[got.Event.PubKey] = append(order[got.Event.PubKey], got.Event.ID)
			return nil
		}, r.URL())
	r.Await("REQ", 1)
	want := make(map[string][]string)
	var all []nostr.Event
	for i := range 60 {
		key := []string{aliceKey, bobKey, botKey}[i%3]
		e := sign(t, key, nostr.Event{Kind: 1, Content: strings.Repeat("x", i)})
		want[e.PubKey] = append(want[e.PubKey], e.ID)
		all = append(all, e)
		r.Publish(e)
	}
	l.want(all...)
	mu.Lock()
	defer mu.Unlock()
	for author, ids := range want {
		if strings.Join(ids, " ") != strings.Join(order[author], " ") {
			t.Errorf("the events of %s came in another order", author)
		}
	}
}

// TestABusyAuthorDelaysNoOther blocks one author: the events of all others are delivered, those of that author wait.
func TestABusyAuthorDelaysNoOther(t *testing.T) {
	t.Parallel()
	r := relaytest.New(t)
	busy := note(t, "busy").PubKey
	free := make(chan struct{})
	l := newClient(t, newPositions(), nil).listenWith(engine.Query{Concurrency: 2},
		func(ctx context.Context, got engine.Received) error {
			if got.Event.PubKey == busy {
				select {
				case <-free:
				case <-ctx.Done():
				}
			}
			return nil
		}, r.URL())
	r.Await("REQ", 1)
	held := numbered(t, 5)
	for _, e := range held {
		r.Publish(e)
	}
	for i := range 10 {
		e := sign(t, person(i+10), nostr.Event{Kind: 1, Content: "of another author"})
		r.Publish(e)
		l.want(e)
	}
	close(free)
	l.want(held...)
}

func TestEventsThatWereNotAskedForAreDropped(t *testing.T) {
	t.Parallel()
	now := time.Now()
	at := func(seconds int64) nostr.Event {
		return sign(t, aliceKey, nostr.Event{Kind: 1, Content: "dated", CreatedAt: nostr.Timestamp(seconds)})
	}
	upper := note(t, "upper")
	upper.PubKey = strings.ToUpper(upper.PubKey)
	upper.ID = upper.GetID()
	forged := note(t, "forged")
	forged.ID = strings.Repeat("0", 64)
	p := newPositions()
	r := relaytest.New(t, relaytest.Slip(
		sign(t, aliceKey, nostr.Event{Kind: 7, Content: "+"}),
		sign(t, bobKey, nostr.Event{Kind: 1, Content: "another author"}),
		at(now.Add(time.Hour).Unix()),
		at(now.UnixMilli()),
		at(-1),
		at(now.Add(-24*time.Hour).Unix()), // older than what was asked for
		upper, forged,
	))
	l := newClient(t, p, nil).listen(engine.Query{
		Filters: nostr.Filters{{Kinds: []int{1}, Authors: []string{keySigner(aliceKey).PublicKey()}}},
	}, r.URL())
	r.Await("REQ", 1)
	live := note(t, "live")
	r.Publish(live)
	l.want(live)
	l.stop()
	l.nothing()
	for stream, value := range p.all() {
		if since := sinceOf(t, value); since > time.Now().Unix() {
			t.Errorf("position of %s is in the future: %s", stream, value)
		}
	}
}

// verifying is a consumer like the engine: it takes note of a forgery and moves on.
func verifying(_ context.Context, r engine.Received) error {
	if r.Verify() != nil {
		return errForged
	}
	return nil
}

var errForged = errors.New("forged")

func TestAForgedSignatureNeitherHidesNorPoisonsTheEvent(t *testing.T) {
	t.Parallel()
	for name, forgers := range map[string][]relaytest.Behaviour{
		"the same relay sends the honest copy after it": {relaytest.ForgeFirst()},
		"another relay sends only forgeries":            {relaytest.ForgeSignatures(), {}},
		"another relay sends the honest copy first":     {{}, relaytest.ForgeSignatures()},
	} {
		for _, consumer := range []string{"reports success", "reports an error"} {
			t.Run(name+", consumer "+consumer, func(t *testing.T) {
				t.Parallel()
				var urls []string
				var relays []*relaytest.Relay
				for _, b := range forgers {
					r := relaytest.New(t, b)
					relays = append(relays, r)
					urls = append(urls, r.URL())
				}
				good := make(chan string, 100)
				newClient(t, newPositions(), nil).listenWith(engine.Query{},
					func(ctx context.Context, r engine.Received) error {
						err := verifying(ctx, r)
						if err == nil {
							good <- r.Event.ID
						}
						if consumer == "reports success" {
							return nil
						}
						return err
					}, urls...)
				for _, r := range relays {
					r.Await("REQ", 1)
				}
				events := numbered(t, 20)
				for _, e := range events {
					for _, r := range relays {
						r.Publish(e)
					}
				}
				seen := make(map[string]bool)
				for range events {
					id := <-good
					if seen[id] {
						t.Fatalf("%s was delivered twice", id)
					}
					seen[id] = true
				}
			})
		}
	}
}

func TestAFailedDeliveryIsRepeated(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		net := relaytest.NewNetwork()
		r := net.New(t, "one.test", local.Options{})
		p := newPositions()
		var tries atomic.Int32
		var healthy atomic.Bool
		l := newClient(t, p, net.DialContext).listenWith(engine.Query{}, func(context.Context, engine.Received) error {
			tries.Add(1)
			if !healthy.Load() {
				return errNotNow
			}
			return nil
		}, r.URL())
		r.Await("REQ", 1)
		e := note(t, "hello")
		r.Publish(e)
		pass(10 * time.Minute)
		if n := tries.Load(); n < 4 || n > 30 {
			t.Errorf("%d tries in ten minutes of failure", n)
		}
		for _, value := range p.all() {
			if since := sinceOf(t, value); since > int64(e.CreatedAt) {
				t.Errorf("the position %s has passed an event that is not handled", value)
			}
		}
		healthy.Store(true)
		l.want(e)
		pass(time.Minute)
		l.nothing()
		for _, value := range p.all() {
			if since := sinceOf(t, value); since < time.Now().Add(-time.Minute).Unix() {
				t.Errorf("the position %s does not move on", value)
			}
		}
	})
}

func TestAFullQueryDoesNotStopOthersAndLosesNothing(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		net := relaytest.NewNetwork()
		r := net.New(t, "one.test", local.Options{MaxLimit: 5000})
		c := newClient(t, newPositions(), net.DialContext)
		release := make(chan struct{})
		slow := c.listenWith(engine.Query{Stream: "slow"}, func(ctx context.Context, _ engine.Received) error {
			select {
			case <-release:
			case <-ctx.Done():
			}
			return ctx.Err()
		}, r.URL())
		fast := c.listen(engine.Query{Stream: "fast"}, r.URL())
		r.Await("REQ", 1)
		events := numbered(t, 560)
		for _, e := range events {
			r.Publish(e)
			synctest.Wait() // The honest relay drops clients that lag, which is another test.
		}
		fast.want(events...)
		slow.nothing()
		if closes := r.Heard("CLOSE"); len(closes) != 0 {
			t.Errorf("%d subscriptions were closed that another query needs", len(closes))
		}
		close(release)
		slow.want(events...)
	})
}

func TestPositionsMustBeReadable(t *testing.T) {
	t.Parallel()
	r := relaytest.New(t)
	p := newPositions()
	p.at["test/"+r.URL()] = "yesterday"
	_, err := newClient(t, p, nil).Subscribe(t.Context(), engine.Query{
		Stream: "test", Relays: []string{r.URL()}, Filters: nostr.Filters{{}},
	}, verifying)
	if err == nil || !strings.Contains(err.Error(), "yesterday") {
		t.Errorf("got %v", err)
	}
	p = newPositions()
	p.fail = errNotNow
	_, err = newClient(t, p, nil).Subscribe(t.Context(), engine.Query{
		Stream: "test", Relays: []string{r.URL()}, Filters: nostr.Filters{{}},
	}, verifying)
	if !errors.Is(err, errNotNow) {
		t.Errorf("got %v", err)
	}
}

func TestQueriesThatCannotBeServed(t *testing.T) {
	t.Parallel()
	c := newClient(t, newPositions(), nil)
	for name, q := range map[string]engine.Query{
		"no relays":   {Filters: nostr.Filters{{}}},
		"no filters":  {Relays: []string{"ws://127.0.0.1:1"}},
		"bad address": {Relays: []string{"relay.example"}, Filters: nostr.Filters{{}}},
	} {
		if _, err := c.Subscribe(t.Context(), q, verifying); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}

func TestAFilterThatMatchesNothingAsksForNothing(t *testing.T) {
	t.Parallel()
	r := relaytest.New(t)
	r.Publish(note(t, "hello"))
	c := newClient(t, newPositions(), nil)
	l := c.listen(engine.Query{Stream: "a", Filters: nostr.Filters{
		{Authors: []string{}}, {Kinds: []int{}}, {Tags: nostr.TagMap{"p": {}}},
	}}, r.URL())
	other := c.listen(engine.Query{Stream: "b", Filters: nostr.Filters{{Kinds: []int{}}, {Kinds: []int{7}}}}, r.URL())
	reqs := r.Await("REQ", 1)
	if got := reqs[0].Filters(); len(got) != 1 || len(got[0].Kinds) != 1 {
		t.Errorf("asked for %v", got)
	}
	other.stop()
	l.stop()
	l.nothing()
	if n := len(r.Heard("REQ")); n != 1 {
		t.Errorf("%d REQs, want 1", n)
	}
}

func TestTagFiltersMayBeWrittenEitherWay(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"t", "#t"} {
		r := relaytest.New(t)
		l := newClient(t, newPositions(), nil).listen(engine.Query{
			Filters: nostr.Filters{{Tags: nostr.TagMap{name: {"bird"}}}},
		}, r.URL())
		r.Await("REQ", 1)
		e := sign(t, aliceKey, nostr.Event{Kind: 1, Tags: nostr.Tags{{"t", "bird"}}})
		r.Publish(note(t, "untagged"))
		r.Publish(e)
		l.want(e)
	}
}
