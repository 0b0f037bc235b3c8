package cmd_test

import (
	"fmt"
	"strings"
	"testing"

	"gopkg.in/yaml.v3"

	"rhea/engine/config"
)

// thousandRules is what somebody with a thousand rules may have: feeds, answers and schedules, each with conditions
// and texts.
func thousandRules() []byte {
	var b strings.Builder
	b.WriteString("version: 1\nidentities: { main: { key: { env: BOT_NSEC } } }\nrelays: [wss://relay.example]\nrules:\n")
	for i := range 250 {
		fmt.Fprintf(&b, `  - name: blog-%[1]d
    trigger: { feed: { url: "https://blog-%[1]d.example/feed.xml", interval: 30m } }
    if: not (item.title contains "[sponsored]") and len(item.text) > %[1]d
    actions:
      - publish:
          content: |
            ${{ item.title }}

            ${{ truncate(item.text, 280) }}

            ${{ item.link }}
          hashtags: ${{ hashtags(item.categories) }}
  - name: greet-%[1]d
    trigger: { mention: {} }
    if:
      - event.content matches "(?i)\\bhello %[1]d\\b"
      - len(event.content) < 280 and not ((author.name ?? "") contains "bot")
    actions:
      - reply: { content: "Hi ${{ author.name ?? 'there' }}, you said ${{ truncate(event.content, 40) }}" }
    limit: { author: 3/10m, thread: 3, rate: 60/1h }
  - name: meetup-%[1]d
    trigger: { schedule: { cron: "0 18 * * THU", timezone: Europe/Berlin } }
    if: schedule.time.Day() <= 7
    actions:
      - publish: { content: "Meetup %[1]d tonight at ${{ format(schedule.time, '15:04', 'Europe/Berlin') }}!", hashtags: [meetup] }
  - name: price-%[1]d
    trigger: { hashtag: { any: [nostr, "topic%[1]d"] } }
    if: 'event.pubkey != bot.pubkey and any(event.hashtags, # == "topic%[1]d")'
    actions:
      - http: { url: "https://api.example/%[1]d.json" }
        id: price
      - react: { content: "+" }
      - publish: { content: "1 BTC = ${{ outputs.price.body.usd }} USD" }
`, i)
	}
	return []byte(b.String())
}

// BenchmarkCheck reads a configuration of a thousand rules, against the parse of the same YAML alone.
func BenchmarkCheck(b *testing.B) {
	text := thousandRules()
	b.Run("baseline yaml alone", func(b *testing.B) {
		b.SetBytes(int64(len(text)))
		for b.Loop() {
			var n yaml.Node
			if err := yaml.Unmarshal(text, &n); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("check", func(b *testing.B) {
		b.SetBytes(int64(len(text)))
		for b.Loop() {
			f, err := config.Parse("bot.yaml", text, config.Options{Kinds: kinds(), LookupEnv: func(string) (string, bool) { return "", false }})
			if err != nil || len(f.Rules) != 1000 {
				b.Fatal(err)
			}
		}
	})
}
