package cmd_test

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

// BenchmarkStrangers measures what it costs to find out who people are: each mention is by somebody new, and the relay
// takes so long to answer a question. The baseline has met everybody.
func BenchmarkStrangers(b *testing.B) {
	// As it is for a bot whose owner has said nothing else.
	config := strings.Replace(benchConfig, "bots: allow, ", "", 1)
	for _, c := range []struct {
		away   time.Duration
		flight int
	}{{0, 1}, {20 * time.Millisecond, 1}, {20 * time.Millisecond, 256}} {
		for name, met := range map[string]int{"strangers": 0, "baseline acquaintances": 512} {
			b.Run(fmt.Sprintf("%s away/%d in flight/%s", c.away, c.flight, name), func(b *testing.B) {
				r := newNullRelay(b)
				r.away = c.away
				people := met
				if met == 0 {
					people = b.N
				}
				events, ids := mentions(b, 0, b.N+met, people)
				startRhea(b, r, config)
				sub := r.asked()
				var replies [][]byte
				for _, e := range events[:met] {
					r.say(sub, e)
					replies = append(replies, r.reply())
				}
				before := r.questions.Load()
				b.ResetTimer()
				sent := 0
				for answered := range b.N {
					for sent < b.N && sent-answered < c.flight {
						r.say(sub, events[met+sent])
						sent++
					}
					replies = append(replies, r.reply())
				}
				b.StopTimer()
				r.check(replies, ids)
				b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "replies/s")
				b.ReportMetric(float64(r.questions.Load()-before)/float64(b.N), "questions/reply")
			})
		}
	}
}
