package relay_test

import (
	"log/slog"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/nbd-wtf/go-nostr"

	"rhea/engine"
	"rhea/engine/relay"
	"rhea/engine/relay/local"
	"rhea/engine/relay/relaytest"
)

// TestStatusNamesWhatARelayRefuses has one of three queries refused, then all, and then none.
func TestStatusNamesWhatARelayRefuses(t *testing.T) {
	t.Parallel()
	for name, reason := range map[string]string{
		"restricted":    "restricted: members only",
		"blocked":       "blocked: not for you",
		"rate-limited":  "rate-limited: slow down",
		"auth-required": "auth-required: who are you",
		"error":         "error: no",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				wire := relaytest.NewNetwork()
				r := wire.New(t, "one.test", local.Options{}, relaytest.RefuseFilters(reason, func(f nostr.Filter) bool {
					return len(f.Tags["p"]) > 0
				}))
				c := newClient(t, newPositions(), wire.DialContext)
				one := nostr.Filters{{Kinds: []int{1}, Tags: nostr.TagMap{"p": {person(1)}}}}
				c.listen(engine.Query{Stream: "greet/mention/1", Filters: one}, r.URL())
				start := time.Now()
				pass(time.Minute)
				refused := func(queries int, want ...string) {
					t.Helper()
					st := c.Status()
					if len(st) != 1 || st[0].Queries != queries || len(st[0].Refused) != len(want) {
						t.Fatalf("the status is %+v", st)
					}
					for i, q := range want {
						got := st[0].Refused[i]
						if got.Query != q || got.Since.Before(start) || got.Since.After(start.Add(10*time.Second)) {
							t.Errorf("refused is %+v", got)
						}
					}
				}
				refused(1, "greet/mention/1")
				if got := c.Status()[0].Refused[0].Reason; name != "auth-required" && got != reason {
					t.Errorf("the reason is %q", got)
				}
				c.listen(engine.Query{Stream: "log/nostr/1", Filters: nostr.Filters{{Kinds: []int{2}}}}, r.URL())
				pass(10 * time.Second)
				refused(2, "greet/mention/1")
				r.Kill()
				pass(5 * time.Second)
				refused(2, "greet/mention/1")
				r.Behave()
				pass(13 * time.Hour)
				refused(2)
			})
		})
	}
}

// TestAQueryRefusedInPartIsNamed has a relay refuse the search of queries that also ask for something else.
func TestAQueryRefusedInPartIsNamed(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		wire := relaytest.NewNetwork()
		r := wire.New(t, "one.test", local.Options{}, relaytest.RefuseFilters("error: no search", func(f nostr.Filter) bool { return f.Search != "" }))
		c := newClient(t, newPositions(), wire.DialContext)
		for i := range 5 {
			c.listen(engine.Query{
				Stream: strconv.Itoa(i), Filters: nostr.Filters{{Kinds: []int{1}, Search: "word"}, {Kinds: []int{1}, Authors: []string{person(i)}}},
			}, r.URL())
		}
		pass(time.Minute)
		for range 10 { // In any order of a map.
			if st := c.Status()[0]; st.Queries != 5 || len(st.Refused) != 5 {
				t.Fatalf("the status is %+v", st)
			}
		}
	})
}

// TestARelayWithoutEOSECountsAsServed distinguishes a relay that sends nothing at all from one that sends events
// without EOSE.
func TestARelayWithoutEOSECountsAsServed(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		wire := relaytest.NewNetwork()
		r := wire.New(t, "one.test", local.Options{}, relaytest.NeverEOSE())
		c := newClient(t, newPositions(), wire.DialContext)
		l := c.listen(engine.Query{}, r.URL())
		pass(time.Minute)
		if st := c.Status()[0]; len(st.Refused) != 1 || st.Refused[0].Reason != "no EOSE" {
			t.Errorf("without a word the status is %+v", st)
		}
		e := note(t, "live")
		r.Publish(e)
		l.want(e)
		pass(10 * time.Second)
		if st := c.Status()[0]; len(st.Refused) != 0 {
			t.Errorf("with an event the status is %+v", st)
		}
	})
}

// TestARefusalIsLoggedAgain counts the log lines about queries that are refused for three days: many at once, and again
// with growing pauses. There are none while the relay is disconnected.
func TestARefusalIsLoggedAgain(t *testing.T) {
	t.Parallel()
	for name, reason := range map[string]string{"for hours": "restricted: members only", "for moments": "error: no"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				wire := relaytest.NewNetwork()
				r := wire.New(t, "one.test", local.Options{}, relaytest.CloseOnce(-1, reason))
				var log lines
				n := relay.New(relay.Options{
					Positions: newPositions(), Log: slog.New(slog.NewTextHandler(&log, nil)), DialContext: wire.DialContext,
				})
				c := &client{Network: n, tb: t, patience: time.Hour}
				defer c.close()
				for _, stream := range []string{"a", "b", "c", "d", "e"} {
					c.listen(engine.Query{Stream: stream}, r.URL())
				}
				count := func(level string) int {
					return strings.Count(log.String(), "level="+level+` msg="subscription refused"`)
				}
				pass(10 * time.Second)
				if count("WARN") != 1 || count("ERROR") != 0 || !strings.Contains(log.String(), "2 more") {
					t.Errorf("at first the log says:\n%s", log.String())
				}
				pass(2 * time.Minute)
				if count("ERROR") != 1 {
					t.Errorf("after two minutes the log says:\n%s", log.String())
				}
				pass(72 * time.Hour)
				if n := count("ERROR"); n < 16 || n > 20 || count("WARN") != 1 {
					t.Errorf("%d errors within three days:\n%s", n, log.String())
				}
				told := count("ERROR")
				r.Stop()
				pass(24 * time.Hour)
				if n := count("ERROR") - told; n > 0 {
					t.Errorf("%d errors while the relay is away:\n%s", n, log.String())
				}
				r.Start()
				pass(time.Hour)
				r.Behave()
				pass(13 * time.Hour)
				before := log.String()
				if !strings.Contains(before, "subscription stands again") {
					t.Errorf("the log says:\n%s", before)
				}
				pass(24 * time.Hour)
				if log.String() != before {
					t.Errorf("it goes on:\n%s", log.String())
				}
			})
		})
	}
}
