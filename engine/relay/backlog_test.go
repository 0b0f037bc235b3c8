package relay_test

import (
	"cmp"
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/nbd-wtf/go-nostr"

	"rhea/engine"
	"rhea/engine/relay/local"
	"rhea/engine/relay/relaytest"
)

var (
	worlds    = flag.Int("worlds", 200, "how many random backlogs are read")
	worldSeed = flag.Uint64("world-seed", 1, "the seed of the first one, 0 for a new one")
)

// TestAnyBacklogIsRead has random queries miss random events on relays with random limits. Every event that some REQ
// can bring is delivered once, every other one is reported, and the number of requests is bounded.
func TestAnyBacklogIsRead(t *testing.T) {
	t.Parallel()
	first := *worldSeed
	if first == 0 {
		first = rand.Uint64()
	}
	t.Logf("the first seed is %d", first)
	for i := range uint64(*worlds) {
		w := newBacklog(first + i)
		synctest.Test(t, func(t *testing.T) { w.play(t) })
		if t.Failed() {
			t.Fatalf("to see it again: -run TestAnyBacklogIsRead -worlds 1 -world-seed %d", first+i)
		}
	}
}

// backlog is a relay that answers within its limits, and queries that have missed events there.
type backlog struct {
	rand *rand.Rand
	// byDefault and most are how many events a filter gets that asks for no limit, and at most; all is how many a REQ
	// gets, 0 for no less, and merged says that those are the newest of all filters, not what the first ones bring.
	byDefault, most, all int
	merged, doubles      bool
	queries              []nostr.Filters
	slow                 []time.Duration

	mu      sync.Mutex
	events  []nostr.Event // Newest first, as relays answer.
	frames  map[string]string
	sent    map[string]int
	asked   []nostr.Filters
	crowded bool
}

func newBacklog(seed uint64) *backlog {
	w := &backlog{rand: rand.New(rand.NewPCG(seed, 1)), frames: make(map[string]string), sent: make(map[string]int)}
	w.most = []int{30, 100, 120, 500, 1000}[w.rand.IntN(5)]
	w.byDefault = w.most
	if w.rand.IntN(3) == 0 {
		w.byDefault = 25 + w.rand.IntN(w.most-24)
	}
	if w.rand.IntN(3) == 0 {
		w.all = 25 + w.rand.IntN(w.most)
	}
	w.crowded = w.rand.IntN(2) == 0
	w.merged, w.doubles = w.rand.IntN(2) == 0, w.rand.IntN(3) == 0
	for range 1 + w.rand.IntN(3) {
		var filters nostr.Filters
		for range 1 + w.rand.IntN(3) {
			filters = append(filters, w.filter())
		}
		w.queries = append(w.queries, filters)
		w.slow = append(w.slow, time.Duration(max(0, w.rand.IntN(3)-1))*time.Duration(w.rand.IntN(1000))*time.Millisecond)
	}
	return w
}

func pick(r *rand.Rand, from []string) []string {
	list := slices.Clone(from)
	r.Shuffle(len(list), func(i, j int) { list[i], list[j] = list[j], list[i] })
	return list[:1+r.IntN(len(list))]
}

var (
	backlogWriters = []string{person(0), person(1), person(2), person(3)}
	backlogTopics  = []string{"bird", "fish", "tree"}
)

func (w *backlog) filter() nostr.Filter {
	f := nostr.Filter{Kinds: []int{1}}
	if w.rand.IntN(3) == 0 {
		f.Kinds = []int{1, 7}
	}
	for shape := 1 + w.rand.IntN(7); shape > 0; shape >>= 3 {
		if shape&1 != 0 {
			f.Authors = pick(w.rand, backlogWriters)
		}
		f.Tags = make(nostr.TagMap)
		if shape&2 != 0 {
			f.Tags["t"] = pick(w.rand, backlogTopics)
		}
		if shape&4 != 0 {
			f.Tags["p"] = pick(w.rand, backlogWriters)
		}
	}
	return f
}

// miss makes events of the time since the client was there.
func (w *backlog) miss(from time.Time) {
	w.mu.Lock()
	defer w.mu.Unlock()
	n, span := 30+w.rand.IntN(600), 60+w.rand.IntN(3600)
	crowd := int64(w.rand.IntN(span))
	for i := range n {
		at := from.Unix() + int64(w.rand.IntN(span))
		if w.crowded && w.rand.IntN(4) == 0 {
			at = from.Unix() + crowd
		}
		e := nostr.Event{
			Kind: 1, PubKey: backlogWriters[min(w.rand.IntN(8), 3)], Content: fmt.Sprint(i), CreatedAt: nostr.Timestamp(at),
			Sig: strings.Repeat("ab", 64),
		}
		if w.rand.IntN(10) == 0 {
			e.Kind = 7
		}
		if w.rand.IntN(3) > 0 {
			e.Tags = append(e.Tags, nostr.Tag{"t", backlogTopics[w.rand.IntN(3)]})
		}
		if w.rand.IntN(3) > 0 {
			e.Tags = append(e.Tags, nostr.Tag{"p", backlogWriters[w.rand.IntN(4)]})
		}
		e.ID = e.GetID()
		raw, err := json.Marshal(e)
		if err != nil {
			panic(err)
		}
		w.frames[e.ID] = string(raw)
		w.events = append(w.events, e)
	}
	slices.SortFunc(w.events, func(a, b nostr.Event) int {
		return cmp.Or(cmp.Compare(b.CreatedAt, a.CreatedAt), cmp.Compare(a.ID, b.ID))
	})
}

// answer gives what a REQ gets, within the limits.
func (w *backlog) answer(filters nostr.Filters) []nostr.Event {
	var found []nostr.Event
	known := make(map[string]bool)
	for _, f := range filters {
		left := w.byDefault
		if f.Limit > 0 {
			left = min(f.Limit, w.most)
		}
		for i := 0; i < len(w.events) && left > 0; i++ {
			if e := &w.events[i]; f.Matches(e) {
				if left--; !known[e.ID] || w.doubles {
					found = append(found, *e)
				}
				known[e.ID] = true
			}
		}
	}
	if w.merged {
		slices.SortStableFunc(found, func(a, b nostr.Event) int { return cmp.Compare(b.CreatedAt, a.CreatedAt) })
	}
	if w.all > 0 {
		found = found[:min(len(found), w.all)]
	}
	return found
}

func (w *backlog) behaviour() relaytest.Behaviour {
	return relaytest.Behaviour{Hears: func(c *relaytest.Conn, m relaytest.Message) bool {
		filters := m.Filters()
		if filters == nil {
			return true
		}
		w.mu.Lock()
		found := w.answer(filters)
		w.asked = append(w.asked, filters)
		for _, e := range found {
			w.sent[e.ID]++
		}
		w.mu.Unlock()
		for _, e := range found {
			c.Send(relaytest.Message(`["EVENT","` + m.ID() + `",` + w.frames[e.ID] + `]`))
		}
		c.Send(relaytest.Say("EOSE", m.ID()))
		return false
	}}
}

// reachable reports whether a question could be asked whose answer holds the event: it names one value of each list
// and one second.
func (w *backlog) reachable(filters nostr.Filters, e nostr.Event) bool {
	for _, f := range filters {
		if !f.Matches(&e) {
			continue
		}
		if f.Authors != nil {
			f.Authors = []string{e.PubKey}
		}
		f.Kinds = []int{e.Kind}
		narrow := make(nostr.TagMap)
		for name := range f.Tags {
			narrow[name] = e.Tags.Find(name)[1:]
		}
		f.Tags = narrow
		f.Since, f.Until = &e.CreatedAt, &e.CreatedAt
		n := 0
		for i := range w.events {
			if f.Matches(&w.events[i]) {
				n++
			}
		}
		if n <= w.cap() {
			return true
		}
	}
	return false
}

func (w *backlog) play(t *testing.T) {
	net := relaytest.NewNetwork()
	r := net.New(t, "one.test", local.Options{}, w.behaviour())
	c := newClient(t, newPositions(), net.DialContext)
	defer c.close()
	all := make([]*listening, len(w.queries))
	for i, filters := range w.queries {
		all[i] = c.listenWith(engine.Query{Stream: fmt.Sprint(i), Filters: filters, Concurrency: 4},
			func(context.Context, engine.Received) error { <-time.After(w.slow[i]); return nil }, r.URL())
	}
	pass(time.Minute)
	r.Stop()
	w.miss(time.Now())
	pass(time.Hour)
	w.mu.Lock()
	w.asked = nil
	w.mu.Unlock()
	r.Start()
	pass(20 * time.Minute)
	for i, l := range all {
		l.stop()
		w.compare(t, w.queries[i], l, c.Status()[0].Gap)
	}
	w.spared(t)
}

// compare holds what a query has got against what it should have.
func (w *backlog) compare(t *testing.T, filters nostr.Filters, l *listening, gap string) {
	t.Helper()
	got := make(map[string]int)
	for len(l.got) > 0 {
		got[(<-l.got).Event.ID]++
	}
	for _, e := range w.events {
		switch n := got[e.ID]; {
		case n > 1, n > 0 && !filters.Match(&e):
			t.Errorf("%s was delivered %d times", e.ID, n)
		case n == 0 && filters.Match(&e) && w.reachable(filters, e):
			t.Errorf("%s was not delivered (gap %q)", e.ID, gap)
		case n == 0 && filters.Match(&e) && gap == "":
			t.Errorf("%s cannot be had, and nobody says so", e.ID)
		}
	}
}

// spared counts what the relay was asked for. An event comes at most twice for each filter that wants it, and once more
// when several do (or as often, where the relay repeats itself): nobody knows then which of them has brought it at first.
// Only a crowded second costs more, since it is read in parts. A filter costs a page, which shows that nothing is left, and one for each 100 events.
func (w *backlog) spared(t *testing.T) {
	t.Helper()
	seconds := make(map[nostr.Timestamp]int)
	for _, e := range w.events {
		seconds[e.CreatedAt]++
	}
	sent, wanted, pages := 0, 0, 0
	for i := range w.events {
		e := &w.events[i]
		n, most := w.sent[e.ID], 0
		for q, filters := range w.queries {
			for _, f := range filters {
				if !f.Matches(e) {
					continue
				}
				if most++; w.slow[q] > 0 {
					most++ // It reads for itself what it had no room for.
				}
			}
		}
		sent, wanted = sent+n, wanted+most
		switch {
		case most > 1 && w.doubles:
			most *= 3
		case most > 1:
			most = 2*most + 1
		default:
			most *= 2
		}
		if n > most && seconds[e.CreatedAt] < 20 {
			t.Errorf("%s was sent %d times, want %d at most", e.ID, n, most)
		}
	}
	for q, filters := range w.queries {
		for _, f := range filters {
			n := 0
			for i := range w.events {
				if f.Matches(&w.events[i]) {
					n++
				}
			}
			most := min(100, w.cap())
			if pages += 1 + (n+most-1)/most; w.slow[q] > 0 {
				pages += 1 + (n+most-1)/most
			}
		}
	}
	asked := slices.DeleteFunc(w.asked, func(f nostr.Filters) bool { return f[0].Limit < 2 })
	if !w.crowded && (sent > 2*wanted || len(asked) > pages) {
		t.Errorf("%d events in %d pages, want %d in %d at most", sent, len(asked), 2*wanted, pages)
	}
	if t.Failed() {
		t.Logf("%d events, at most %d by default, %d, %d for all", len(w.events), w.byDefault, w.most, w.all)
		t.Logf("merged %v, doubled %v, crowded %v, slow %v, queries %v", w.merged, w.doubles, w.crowded, w.slow, w.queries)
	}
}

// cap is how many events a question gets at most.
func (w *backlog) cap() int {
	if w.all > 0 {
		return min(w.most, w.all)
	}
	return w.most
}
