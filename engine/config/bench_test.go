package config_test

import (
	"fmt"
	"strings"
	"testing"

	"gopkg.in/yaml.v3"

	"rhea/engine/config"
)

// manyRules writes a configuration of n rules of the usual kinds.
func manyRules(n int) []byte {
	var b strings.Builder
	b.WriteString("version: 1\nidentities: { main: { key: { env: BOT_NSEC } } }\nrelays: [wss://one.example, wss://two.example]\nrules:\n")
	for i := range n {
		switch i % 3 {
		case 0:
			fmt.Fprintf(&b, "  - name: blog-%d\n    trigger:\n      feed: { url: https://blog.example/%d.xml }\n    if: not (item.title contains \"[sponsored]\")\n    actions:\n      - publish:\n          content: |\n            ${{ item.title }}\n\n            ${{ item.link }}\n          hashtags: [golang]\n", i, i)
		case 1:
			fmt.Fprintf(&b, "  - name: greet-%d\n    trigger: { mention: {} }\n    if:\n      - event.content matches \"(?i)\\\\bhello\\\\b\"\n      - len(event.content) < 280\n    actions:\n      - reply: { content: \"Hi ${{ author.name ?? 'there' }}!\" }\n    limit: { author: 3/10m, thread: 3, rate: 60/1h }\n", i)
		default:
			fmt.Fprintf(&b, "  - name: price-%d\n    trigger: { schedule: { cron: \"0 18 * * *\", timezone: UTC } }\n    actions:\n      - http: { url: https://api.example/btc.json }\n        id: price\n      - publish: { content: \"1 BTC = ${{ outputs.price.body.usd }} USD\" }\n", i)
		}
	}
	return []byte(b.String())
}

// BenchmarkParse reads 1,000 rules; the baseline is what the YAML parser alone takes for the same text.
func BenchmarkParse(b *testing.B) {
	text := manyRules(1000)
	b.Run("baseline yaml alone", func(b *testing.B) {
		for b.Loop() {
			var n yaml.Node
			if err := yaml.Unmarshal(text, &n); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("config", func(b *testing.B) {
		for b.Loop() {
			f, err := config.Parse("bot.yaml", text, options())
			if err != nil || len(f.Rules) != 1000 || len(f.Warnings) > 0 {
				b.Fatal(err)
			}
		}
	})
}
