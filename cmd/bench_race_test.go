package cmd_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"os/exec"
	"slices"
	"testing"
	"time"

	"github.com/nbd-wtf/go-nostr"
)

// race is bots that answer the same mentions in turns, each on a relay of its own, so that whatever else the machine
// does meets all of them.
type race struct {
	b *testing.B
	// flight is how many mentions a bot has before it at once, and people how many others write them.
	flight, people int
	bots           []*racer
	mentions       map[string]bool
}

// racer is one bot in a race, and what it has done.
type racer struct {
	name    string
	relay   *nullRelay
	sub     string
	bot     *exec.Cmd
	replies [][]byte
	// cpu is the processor time it had used when it was warm.
	cpu   time.Duration
	rates []float64
	took  []time.Duration
}

func newRace(b *testing.B, flight, people int) *race {
	b.Helper()
	return &race{b: b, flight: flight, people: people, mentions: make(map[string]bool)}
}

// enter starts a bot and waits for its subscription.
func (r *race) enter(name string, start func(*nullRelay) *exec.Cmd) {
	r.b.Helper()
	relay := newNullRelay(r.b)
	bot := start(relay)
	r.bots = append(r.bots, &racer{name: name, relay: relay, sub: relay.asked(), bot: bot})
}

// warm has each bot answer each of the people.
func (r *race) warm() {
	r.b.Helper()
	r.turn(r.people)
	for _, c := range r.bots {
		c.cpu, c.rates, c.took = cpuOf(c.bot.Process.Pid), nil, nil
	}
}

// turn has each bot answer n new mentions.
func (r *race) turn(n int) {
	r.b.Helper()
	events, ids := mentions(r.b, len(r.mentions), n, r.people)
	maps.Copy(r.mentions, ids)
	for _, c := range r.bots {
		c.answer(events, r.flight)
	}
}

// answer says events to the bot, so many at once, until all of them are answered.
func (c *racer) answer(events [][]byte, flight int) {
	said := make([]time.Time, 0, len(events))
	began := time.Now()
	for answered := range events {
		for len(said) < len(events) && len(said)-answered < flight {
			said = append(said, time.Now())
			c.relay.say(c.sub, events[len(said)-1])
		}
		c.replies = append(c.replies, c.relay.reply())
		c.took = append(c.took, time.Since(said[answered]))
	}
	c.rates = append(c.rates, float64(len(events))/time.Since(began).Seconds())
}

// report checks all replies and reports, under the name of each bot, the median of the rates of its turns and its
// processor time for a reply; with one mention at a time also how long one took, and memory.
func (r *race) report() {
	r.b.Helper()
	for _, c := range r.bots {
		c.relay.check(c.replies, maps.Clone(r.mentions))
		metric := func(v float64, unit string) { r.b.ReportMetric(v, c.name+"-"+unit) }
		slices.Sort(c.rates)
		metric(c.rates[len(c.rates)/2], "replies/s")
		metric(float64((cpuOf(c.bot.Process.Pid)-c.cpu).Microseconds())/float64(len(c.took)), "cpu-µs/reply")
		if m := residentMB(c.bot.Process.Pid); m > 0 {
			metric(m, "rss-MB")
		}
		if r.flight == 1 {
			slices.Sort(c.took)
			metric(float64(c.took[len(c.took)/2].Microseconds()), "p50-µs")
			metric(float64(c.took[len(c.took)*99/100].Microseconds()), "p99-µs")
		}
	}
	r.b.ReportMetric(0, "ns/op") // A turn of all of them says nothing.
}

// mentions are n signed mentions of the bot by some people, as JSON; no two with different numbers are the same.
func mentions(b *testing.B, first, n, people int) (events [][]byte, ids map[string]bool) {
	b.Helper()
	bot, err := nostr.GetPublicKey(botSecret)
	if err != nil {
		b.Fatal(err)
	}
	ids = make(map[string]bool, n)
	for i := first; i < first+n; i++ {
		e := nostr.Event{
			Kind: 1, CreatedAt: nostr.Now(), Content: fmt.Sprint("hello bot, this is message ", i),
			Tags: nostr.Tags{{"p", bot}},
		}
		if err := e.Sign(fmt.Sprintf("%064x", 1000+i%people)); err != nil {
			b.Fatal(err)
		}
		raw, err := json.Marshal(e)
		if err != nil {
			b.Fatal(err)
		}
		events, ids[e.ID] = append(events, raw), true
	}
	return events, ids
}
