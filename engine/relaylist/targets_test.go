package relaylist_test

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/nbd-wtf/go-nostr"

	"rhea/engine"
	"rhea/engine/relay"
	"rhea/engine/relaylist"
)

const (
	bot   = "0000000000000000000000000000000000000000000000000000000000000003"
	alice = "0000000000000000000000000000000000000000000000000000000000000004"
	bob   = "0000000000000000000000000000000000000000000000000000000000000005"
)

// source answers questions for relay lists as the test says, and counts them.
type source struct {
	engine.Source
	lists map[string][]nostr.Event
	// slow is how long each relay takes; a negative time is a relay that fails.
	slow  map[string]time.Duration
	asked atomic.Int32
}

func (s *source) Fetch(ctx context.Context, relays []string, filter nostr.Filter) ([]nostr.Event, error) {
	s.asked.Add(1)
	wait := s.slow[relays[0]]
	if wait < 0 {
		return nil, errors.New("down")
	}
	select {
	case <-time.After(wait):
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	var found []nostr.Event
	for _, e := range s.lists[relays[0]] {
		if filter.Matches(&e) {
			found = append(found, e)
		}
	}
	return found, nil
}

// listed is a kind 10002 from tags written as "relay marker".
func listed(pubkey string, at int, relays ...string) nostr.Event {
	e := nostr.Event{PubKey: pubkey, Kind: nostr.KindRelayListMetadata, CreatedAt: nostr.Timestamp(at), ID: fmt.Sprint(at)}
	for _, r := range relays {
		address, marker, has := strings.Cut(r, " ")
		tag := nostr.Tag{"r", address}
		if has {
			tag = append(tag, marker)
		}
		e.Tags = append(e.Tags, tag)
	}
	return e
}

func reply(to ...string) nostr.Event {
	e := nostr.Event{PubKey: bot, Kind: 1}
	for _, p := range to {
		e.Tags = append(e.Tags, nostr.Tag{"p", p})
	}
	return e
}

const ask = "wss://ask.example.com"

func lists(s *source, o relaylist.Options) *relaylist.Lists {
	o.Source, o.Normalize = s, relay.Normalize
	if o.Ask == nil {
		o.Ask = []string{ask}
	}
	return relaylist.New(o)
}

func TestTargets(t *testing.T) {
	t.Parallel()
	fallback := []string{"wss://default.example.com"}
	private := []string{
		"ws://127.0.0.1:7777", "ws://localhost:7777", "ws://10.0.0.1", "wss://[::1]", "wss://[fd00::1]", "wss://printer.local",
		"wss://169.254.169.254", "ws://router", "ws://relay.onion", "wss://127.1", "ws://0x7f000001", "ws://2130706433",
		"https://192.168.0.1", "wss://db.internal", "wss://100.64.0.1", "ftp://a.example.com", "wss://" + strings.Repeat("a", 300) + ".com", "",
		"wss://[::ffff:127.0.0.1]", "wss://user:pw@a.example.com",
	}
	for name, tt := range map[string]struct {
		lists []nostr.Event
		opts  relaylist.Options
		event nostr.Event
		want  []string
	}{
		"nobody has a list": {nil, relaylist.Options{}, reply(alice), fallback},
		"the author's write relays": {
			[]nostr.Event{listed(bot, 1, "wss://w.example.com write", "wss://r.example.com read", "wss://both.example.com")},
			relaylist.Options{}, reply(), []string{"wss://w.example.com", "wss://both.example.com"},
		},
		"configured ones win": {
			[]nostr.Event{listed(bot, 1, "wss://w.example.com write")},
			relaylist.Options{Own: map[string][]string{bot: {"wss://own.example.com"}}}, reply(), []string{"wss://own.example.com"},
		},
		"read relays of the tagged": {
			[]nostr.Event{listed(alice, 1, "wss://a.example.com read", "wss://aw.example.com write"), listed(bob, 1, "wss://b.example.com")},
			relaylist.Options{}, reply(alice, bob), append(slices.Clone(fallback), "wss://a.example.com", "wss://b.example.com"),
		},
		"an empty marker is both": {
			[]nostr.Event{listed(alice, 1, "wss://a.example.com ")},
			relaylist.Options{}, reply(alice), append(slices.Clone(fallback), "wss://a.example.com"),
		},
		"an unknown marker is neither": {
			[]nostr.Event{listed(alice, 1, "wss://a.example.com READ")}, relaylist.Options{}, reply(alice), fallback,
		},
		"the newest list": {
			[]nostr.Event{listed(alice, 1, "wss://old.example.com"), listed(alice, 3, "wss://new.example.com"), listed(alice, 2, "wss://older.example.com")},
			relaylist.Options{}, reply(alice), append(slices.Clone(fallback), "wss://new.example.com"),
		},
		"a few of many": {
			[]nostr.Event{listed(alice, 1, "wss://1.example.com", "wss://2.example.com", "wss://3.example.com", "wss://4.example.com")},
			relaylist.Options{}, reply(alice), append(slices.Clone(fallback), "wss://1.example.com", "wss://2.example.com", "wss://3.example.com"),
		},
		"what is reached already counts": {
			[]nostr.Event{listed(alice, 1, "wss://1.example.com", "wss://2.example.com", "wss://3.example.com", "wss://default.example.com")},
			relaylist.Options{}, reply(alice), append(slices.Clone(fallback), "wss://1.example.com", "wss://2.example.com"),
		},
		"one relay under two spellings": {
			[]nostr.Event{listed(alice, 1, "wss://DEFAULT.example.com:443/", "wss://default.example.com")},
			relaylist.Options{}, reply(alice), fallback,
		},
		"private addresses": {[]nostr.Event{listed(alice, 1, private...)}, relaylist.Options{}, reply(alice), fallback},
		"private but named by the operator": {
			[]nostr.Event{listed(alice, 1, "ws://10.0.0.1")}, relaylist.Options{Known: []string{"ws://10.0.0.1"}},
			reply(alice), append(slices.Clone(fallback), "ws://10.0.0.1"),
		},
		"a name that leads inside": {
			[]nostr.Event{listed(alice, 1, "wss://rebind.example.com", "wss://fine.example.com", "wss://gone.example.com")},
			relaylist.Options{Resolve: resolve}, reply(alice), append(slices.Clone(fallback), "wss://fine.example.com"),
		},
		"not a person": {[]nostr.Event{listed("x", 1, "wss://a.example.com")}, relaylist.Options{}, reply("x", strings.ToUpper(alice)), fallback},
		"oneself":      {[]nostr.Event{listed(bot, 1, "wss://r.example.com read")}, relaylist.Options{}, reply(bot), fallback},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				s := &source{lists: map[string][]nostr.Event{ask: tt.lists}}
				if got := lists(s, tt.opts).Targets(t.Context(), tt.event, fallback); !slices.Equal(got, tt.want) {
					t.Errorf("got  %q\nwant %q", got, tt.want)
				}
			})
		})
	}
}

func resolve(_ context.Context, host string) ([]netip.Addr, error) {
	switch host {
	case "rebind.example.com":
		return []netip.Addr{netip.MustParseAddr("8.8.8.8"), netip.MustParseAddr("192.168.1.1")}, nil
	case "fine.example.com":
		return []netip.Addr{netip.MustParseAddr("8.8.8.8")}, nil
	}
	return nil, errors.New("no such host")
}

// TestMany tags a crowd with long lists: the number of relays stays small.
func TestMany(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := &source{lists: map[string][]nostr.Event{}}
		var crowd []string
		for i := range 50 {
			pubkey := fmt.Sprintf("%064x", i+100)
			crowd = append(crowd, pubkey)
			var relays []string
			for j := range 200 {
				relays = append(relays, fmt.Sprintf("wss://r%d-%d.example.com", i, j))
			}
			s.lists[ask] = append(s.lists[ask], listed(pubkey, 1, relays...))
		}
		if got := lists(s, relaylist.Options{}).Targets(t.Context(), reply(crowd...), []string{"wss://default.example.com"}); len(got) != 20 {
			t.Errorf("%d relays", len(got))
		}
	})
}

// TestTime asks relays that are slow, dead or empty: an event never waits for more than three seconds, and what was
// learned too late is there for the next one.
func TestTime(t *testing.T) {
	t.Parallel()
	const other = "wss://other.example.com"
	for name, tt := range map[string]struct {
		slow        map[string]time.Duration
		first, next int           // how many targets the first and the next event have
		most        time.Duration // how long the first may take
	}{
		"at once":          {nil, 2, 2, 400 * time.Millisecond},
		"one is dead":      {map[string]time.Duration{other: time.Hour}, 2, 2, 1100 * time.Millisecond},
		"one fails":        {map[string]time.Duration{other: -1}, 2, 2, 400 * time.Millisecond},
		"slow":             {map[string]time.Duration{ask: 5 * time.Second, other: 6 * time.Second}, 1, 2, 3 * time.Second},
		"nobody answers":   {map[string]time.Duration{ask: time.Hour, other: time.Hour}, 1, 1, 3 * time.Second},
		"everybody is off": {map[string]time.Duration{ask: -1, other: -1}, 1, 1, 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				s := &source{slow: tt.slow, lists: map[string][]nostr.Event{ask: {listed(alice, 1, "wss://a.example.com")}}}
				l := lists(s, relaylist.Options{Ask: []string{ask, other}})
				start := time.Now()
				if got := l.Targets(t.Context(), reply(alice), []string{"wss://default.example.com"}); len(got) != tt.first {
					t.Errorf("first: %q", got)
				}
				if took := time.Since(start); took > tt.most {
					t.Errorf("the first event waited for %s", took)
				}
				<-time.After(20 * time.Second)
				if got := l.Targets(t.Context(), reply(alice), []string{"wss://default.example.com"}); len(got) != tt.next {
					t.Errorf("next: %q", got)
				}
			})
		})
	}
}

func TestAge(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := &source{lists: map[string][]nostr.Event{ask: {listed(alice, 1, "wss://a.example.com")}}}
		l := lists(s, relaylist.Options{Own: map[string][]string{bot: {"wss://own.example.com"}}})
		count := func(event nostr.Event, after time.Duration) int32 {
			<-time.After(after)
			before := s.asked.Load()
			l.Targets(t.Context(), event, nil)
			synctest.Wait() // An old list is good enough while the relays are asked again.
			return s.asked.Load() - before
		}
		for _, c := range []struct {
			who   string
			after time.Duration
			want  int32
		}{
			{alice, 0, 1}, {alice, 5 * time.Hour, 0}, {alice, 2 * time.Hour, 1},
			{bob, 0, 1}, {bob, 5 * time.Minute, 0}, {bob, 10 * time.Minute, 1},
		} {
			if n := count(reply(c.who), c.after); n != c.want {
				t.Errorf("%s after %s: asked %d times, want %d", c.who[60:], c.after, n, c.want)
			}
		}
		// Lists that are asked for at the same time are asked for once.
		carol := fmt.Sprintf("%064x", 9)
		s.slow = map[string]time.Duration{ask: time.Second}
		before := s.asked.Load()
		for range 10 {
			go l.Targets(t.Context(), reply(carol), nil)
		}
		<-time.After(5 * time.Second)
		if n := s.asked.Load() - before; n != 1 {
			t.Errorf("ten at a time asked %d times", n)
		}
	})
}

func FuzzTargets(f *testing.F) {
	f.Add("wss://a.example.com", "read")
	f.Add("ws://[::ffff:10.0.0.1]:80/x?y#z", "")
	f.Add("wss://127.0.0.1.", "write")
	f.Fuzz(func(t *testing.T, address, marker string) {
		e := listed(alice, 1)
		e.Tags = nostr.Tags{{"r", address, marker}, {"r"}, {}}
		s := &source{lists: map[string][]nostr.Event{ask: {e}}}
		for _, target := range lists(s, relaylist.Options{}).Targets(t.Context(), reply(alice), nil) {
			again, err := relay.Normalize(target)
			if err != nil || again != target || strings.Contains(target, "127.0.0.1") {
				t.Errorf("%q became %q", address, target)
			}
		}
	})
}
