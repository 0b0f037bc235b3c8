package expression_test

import (
	"testing"

	"rhea/engine/expression"
)

func BenchmarkCondition(b *testing.B) {
	for name, source := range map[string]string{
		"plain":  `event.kind == 1 and event.content contains "bot"`,
		"method": `event.tag("t") == "nostr"`,
		"regexp": `event.content matches "(?i)\\bhello\\b"`,
		"loop":   `any(event.hashtags, # == "golang")`,
	} {
		b.Run(name, func(b *testing.B) {
			condition, findings := compiler(b).Condition(source)
			if err := findings.Err(); err != nil {
				b.Fatal(err)
			}
			d := sample()
			b.ReportAllocs()
			for b.Loop() {
				if ok, err := condition.Eval(d); !ok || err != nil {
					b.Fatal(ok, err)
				}
			}
		})
	}
}

func BenchmarkText(b *testing.B) {
	template, _ := expression.Split(`Hi ${{ author.name ?? "there" }}, you said ${{ truncate(event.content, 100) }}`)
	text, _ := compiler(b).Text(template)
	d := sample()
	b.ReportAllocs()
	for b.Loop() {
		if _, err := text.Eval(d); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkCompile(b *testing.B) {
	c := compiler(b)
	for b.Loop() {
		if _, findings := c.Condition(`event.kind == 1 and event.tag("t") == "nostr" and len(event.content) < 280`); findings.Err() != nil {
			b.Fatal(findings)
		}
	}
}
