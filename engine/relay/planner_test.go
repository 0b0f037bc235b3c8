package relay_test

import (
	"fmt"
	"net/http"
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

// mention is an event of Alice that names somebody.
func mention(tb testing.TB, who, text string) nostr.Event {
	tb.Helper()
	return sign(tb, aliceKey, nostr.Event{Kind: 1, Content: text, Tags: nostr.Tags{{"p", who}}})
}

func person(i int) string { return fmt.Sprintf("%064x", i+1) }

// crowd are many queries, each for the mentions of one person.
func (c *client) crowd(from, to int, relays ...string) []*listening {
	var all []*listening
	for i := from; i < to; i++ {
		all = append(all, c.listen(engine.Query{
			Stream:  fmt.Sprint("crowd", i),
			Filters: nostr.Filters{{Kinds: []int{1}, Tags: nostr.TagMap{"p": {person(i)}}}},
		}, relays...))
	}
	return all
}

func TestQueriesShareSubscriptions(t *testing.T) {
	t.Parallel()
	word := func(s string) nostr.TagMap { return nostr.TagMap{"t": {s}} }
	people := func(from, to int) (all []string) {
		for i := range to - from {
			all = append(all, person(from+i))
		}
		return all
	}
	for name, tt := range map[string]struct {
		queries []nostr.Filters
		reqs    int
		filters int
	}{
		"the same": {[]nostr.Filters{{{Kinds: []int{1}, Tags: word("a")}}, {{Kinds: []int{1}, Tags: word("a")}}}, 1, 1},
		"other values": {
			[]nostr.Filters{{{Kinds: []int{1}, Tags: word("a")}}, {{Kinds: []int{1}, Tags: word("b")}}}, 1, 1,
		},
		"two differences": {
			[]nostr.Filters{{{Kinds: []int{1}, Tags: word("a")}}, {{Kinds: []int{7}, Tags: word("b")}}}, 1, 2,
		},
		"other shapes": {[]nostr.Filters{{{Tags: word("a")}}, {{Kinds: []int{7}, Authors: people(0, 1)}}}, 1, 2},
		"everything beside a little": {
			[]nostr.Filters{{{}}, {{Kinds: []int{1}}}, {{Kinds: []int{1}}}, {{Tags: word("a")}}}, 3, 3,
		},
		"private messages and a search": {
			[]nostr.Filters{{{Kinds: []int{1059}}}, {{Search: "bird"}}, {{Search: "fish"}}, {{Tags: word("a")}}}, 3, 4,
		},
		"limits": {[]nostr.Filters{
			{{Authors: people(0, 1), Limit: 1}}, {{Authors: people(1, 2), Limit: 1}}, {{Authors: people(1, 2), Limit: 1}},
		}, 1, 2},
		"a long list":  {[]nostr.Filters{{{Authors: people(0, 600)}}}, 1, 3},
		"a longer one": {[]nostr.Filters{{{Authors: people(0, 1600)}}}, 3, 7},
		"many lists": {[]nostr.Filters{
			{{Authors: people(0, 200)}}, {{Authors: people(200, 400)}}, {{Authors: people(400, 500)}},
		}, 1, 3},
		"four filters": {[]nostr.Filters{
			{{Tags: word("a")}, {Authors: people(0, 1)}, {IDs: people(0, 1)}, {Kinds: []int{1}, Tags: word("a")}},
		}, 2, 4},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				net := relaytest.NewNetwork()
				r := net.New(t, "one.test", local.Options{})
				c := newClient(t, newPositions(), net.DialContext)
				for i, filters := range tt.queries {
					c.listen(engine.Query{Stream: fmt.Sprint(i), Filters: filters}, r.URL())
				}
				pass(10 * time.Second)
				reqs, filters := r.Heard("REQ"), 0
				for _, req := range reqs {
					filters += len(req.Filters())
					if len(req) > 64<<10 {
						t.Errorf("a message of %d bytes", len(req))
					}
					for _, f := range req.Filters() {
						if len(f.Authors) > 250 {
							t.Errorf("%d authors in a filter", len(f.Authors))
						}
					}
				}
				if len(reqs) != tt.reqs || filters != tt.filters {
					t.Errorf("%d REQs with %d filters, want %d with %d: %.300q", len(reqs), filters, tt.reqs, tt.filters, reqs)
				}
			})
		})
	}
}

func TestEachQueryGetsItsOwnEvents(t *testing.T) {
	t.Parallel()
	for name, b := range map[string]relaytest.Behaviour{
		"honest":                {},
		"three subscriptions":   relaytest.LimitSubscriptions(3, relaytest.Say("CLOSED", "{{ID}}", "error: too many subscriptions")),
		"strfry's notice":       relaytest.LimitSubscriptions(3, `["NOTICE","ERROR: too many concurrent REQs"]`),
		"refuses one of them":   relaytest.RefuseFilters("invalid: I do not like it", hasValue(person(17))),
		"restricts one of them": relaytest.RefuseFilters("restricted: not for you", hasValue(person(17))),
		"knows no search": relaytest.RefuseFilters("ERROR: bad req: unrecognised filter item: search",
			func(f nostr.Filter) bool { return f.Search != "" }),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				net := relaytest.NewNetwork()
				r := net.New(t, "one.test", local.Options{}, b)
				c := newClient(t, newPositions(), net.DialContext)
				all := c.crowd(0, 40, r.URL())
				for i, f := range []nostr.Filter{{Kinds: []int{1059}}, {Kinds: []int{7}}, {Search: "x"}, {Kinds: []int{6}}} {
					c.listen(engine.Query{Stream: fmt.Sprint("other", i), Filters: nostr.Filters{f}}, r.URL())
				}
				pass(5 * time.Minute)
				for i, l := range all {
					if name != "honest" && i == 17 {
						continue
					}
					e := mention(t, person(i), "you")
					r.Publish(e)
					l.want(e)
				}
				pass(time.Minute)
				for _, l := range all {
					l.nothing()
				}
				if n := r.Connections(); n != 1 {
					t.Errorf("%d connections", n)
				}
			})
		})
	}
}

// TestARefusalKeepsNobodyElseAway has a relay that takes ten subscriptions refuse some of many queries: there is no room to
// give each part of the others a subscription of its own, and they are served all the same.
func TestARefusalKeepsNobodyElseAway(t *testing.T) {
	t.Parallel()
	for name, refused := range map[string][]int{"one": {17}, "three": {3, 17, 30}} {
		for _, reason := range []string{"restricted: not for you", "invalid: I do not like it"} {
			t.Run(name+" "+reason, func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) {
					net := relaytest.NewNetwork()
					var refuses []relaytest.Behaviour
					for _, i := range refused {
						refuses = append(refuses, relaytest.RefuseFilters(reason, hasValue(person(i))))
					}
					r := net.New(t, "one.test", local.Options{MaxSubscriptions: 10}, refuses...)
					c := newClient(t, newPositions(), net.DialContext)
					all := c.crowd(0, 40, r.URL())
					for i, f := range []nostr.Filter{{Kinds: []int{1059}}, {Kinds: []int{7}}, {Kinds: []int{6}}} {
						c.listen(engine.Query{Stream: fmt.Sprint("other", i), Filters: nostr.Filters{f}}, r.URL())
					}
					pass(time.Minute)
					for i, l := range all {
						if !slices.Contains(refused, i) {
							e := mention(t, person(i), "you")
							r.Publish(e)
							l.want(e)
						}
					}
					if n := len(asked(r)); n > 100 {
						t.Errorf("%d REQs in a minute", n)
					}
				})
			})
		}
	}
}

func hasValue(value string) func(nostr.Filter) bool {
	return func(f nostr.Filter) bool {
		return slices.Contains(f.Tags["p"], value)
	}
}

// TestQueriesComeAndGo checks that a standing query loses nothing while others come and go. The events are ephemeral
// and not stored, so a gap cannot be filled later.
func TestQueriesComeAndGo(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		net := relaytest.NewNetwork()
		r := net.New(t, "one.test", local.Options{MaxSubscriptions: 10}, relaytest.Delay("EOSE", 50*time.Millisecond))
		c := newClient(t, newPositions(), net.DialContext)
		stays := c.listen(engine.Query{
			Stream: "stays", Filters: nostr.Filters{{Kinds: []int{20001}, Tags: nostr.TagMap{"p": {person(500)}}}},
		}, r.URL())
		pass(time.Minute)
		var published []nostr.Event
		done := make(chan struct{})
		go func() {
			defer close(done)
			for i := range 400 {
				e := sign(t, aliceKey, nostr.Event{Kind: 20001, Content: fmt.Sprint(i), Tags: nostr.Tags{{"p", person(500)}}})
				r.Publish(e)
				published = append(published, e)
				pass(20 * time.Millisecond)
			}
		}()
		for i := range 40 {
			came := c.crowd(i, i+1, r.URL())
			pass(150 * time.Millisecond)
			if i%2 == 0 {
				came[0].stop()
			}
		}
		<-done
		stays.want(published...)
		pass(time.Minute)
		stays.nothing()
		if open := len(r.Local.Subscriptions()); open > 8 {
			t.Errorf("%d subscriptions are open", open)
		}
	})
}

func TestSubscriptionsAreOpenedOneAfterTheOther(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		net := relaytest.NewNetwork()
		var waiting, most atomic.Int32
		r := net.New(t, "one.test", local.Options{}, relaytest.Behaviour{
			Hears: func(_ *relaytest.Conn, m relaytest.Message) bool {
				if m.Label() == "REQ" {
					most.Store(max(most.Load(), waiting.Add(1)))
				}
				return true
			},
			Says: func(c *relaytest.Conn, m relaytest.Message) []relaytest.Message {
				if m.Label() == "EOSE" {
					c.Wait(100 * time.Millisecond)
					waiting.Add(-1)
				}
				return []relaytest.Message{m}
			},
		})
		c := newClient(t, newPositions(), net.DialContext)
		for i, f := range []nostr.Filter{{}, {Kinds: []int{1059}}, {Search: "x"}, {Kinds: []int{7}}, {IDs: []string{person(1)}}} {
			c.listen(engine.Query{Stream: fmt.Sprint(i), Filters: nostr.Filters{f}}, r.URL())
		}
		r.Await("REQ", 5)
		if n := most.Load(); n != 1 {
			t.Errorf("%d REQs waited for their answer at once", n)
		}
	})
}

func TestAnnouncedLimitsAreUsed(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		net := relaytest.NewNetwork()
		r := net.New(t, "one.test", local.Options{MaxSubscriptions: 5})
		c := newClient(t, newPositions(), net.DialContext)
		for i := range 7 {
			c.listen(engine.Query{Stream: fmt.Sprint(i), Filters: nostr.Filters{{Kinds: []int{i}}}}, r.URL())
		}
		pass(time.Minute)
		if open := len(r.Local.Subscriptions()); open > 3 {
			t.Errorf("%d subscriptions stand, want what leaves room for look-ups", open)
		}
	})
}

// TestARefusalDuringAHandoverIsNoLimit checks that what a relay refuses while old subscriptions stand beside the new
// ones is not taken for what it accepts: the plan settles, whenever the announced limit comes.
func TestARefusalDuringAHandoverIsNoLimit(t *testing.T) {
	t.Parallel()
	silent := func(w http.ResponseWriter) bool {
		w.WriteHeader(http.StatusNotFound)
		return true
	}
	slow := func(http.ResponseWriter) bool {
		pass(150 * time.Millisecond)
		return false
	}
	for name, informs := range map[string]func(http.ResponseWriter) bool{"nothing announced": silent, "announced late": slow} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				net := relaytest.NewNetwork()
				r := net.New(t, "one.test", local.Options{MaxSubscriptions: 5},
					relaytest.Behaviour{Informs: informs}, relaytest.Delay("CLOSED", 100*time.Millisecond))
				c := newClient(t, newPositions(), net.DialContext)
				for i := range 7 {
					c.listen(engine.Query{Stream: fmt.Sprint(i), Filters: nostr.Filters{{Kinds: []int{i}}}}, r.URL())
				}
				pass(time.Minute)
				if open := len(r.Local.Subscriptions()); open != 1 {
					t.Errorf("%d subscriptions stand, want all queries in one", open)
				}
				if n := len(asked(r)); n > 12 {
					t.Errorf("%d REQs in a minute, want seven, the merged one and a few tries", n)
				}
			})
		})
	}
}
