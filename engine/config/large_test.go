package config_test

import (
	"fmt"
	"strings"
	"testing"

	"rhea/engine/config"
)

// sixteen repeats a text until it fills a file.
func sixteen(before, again, after string) string {
	return before + strings.Repeat(again, (16<<20-len(before)-len(after))/len(again)) + after
}

// TestLargeFiles reads files as large as they may be. What is wrong with them is told in so many words, and in no more.
func TestLargeFiles(t *testing.T) {
	t.Parallel()
	const head = "version: 1\nidentities: { main: { key: { env: BOT_NSEC } } }\nrelays: [wss://relay.example]\n"
	rule := head + "rules:\n  - { name: a, trigger: { mention: {} }, actions: [ { reply: { content: hi } } ], if: "
	for name, tt := range map[string]struct{ text, code string }{
		"a byte too much":     {sixteen(head, "#", "") + "#", "too-large"},
		"comments":            {sixteen(head, "# words and words and words and words and words\n", ""), ""},
		"a long line":         {sixteen(head+"state: ", "x", ""), "too-large"},
		"a long text":         {sixteen(head+"state: |\n", "  "+strings.Repeat("x", 100)+"\n", ""), ""},
		"wide":                {sixteen(head+"rules: [", "a,", "a]"), "too-large"},
		"half as wide":        {head + "rules: [" + strings.Repeat("a,\n  ", 1<<18) + "a]", "type"},
		"wide in a rule":      {rule + "[" + strings.Repeat("true,\n  ", 1<<18) + "true] }", "too-large"},
		"deep":                {sixteen(head+"rules: ", "[", ""), "too-large"},
		"half as deep":        {head + "rules: " + strings.Repeat("[", 1<<19), "yaml-syntax"},
		"many unknown keys":   {head + "rules:\n" + strings.Repeat("- {a: b}\n", 1<<18), "unknown-key"},
		"aliases in each row": {head + "x: &x [a, b, c, d]\nrules:\n" + strings.Repeat("- *x\n", 1<<19), "too-large"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := config.Parse("bot.yaml", []byte(tt.text), options())
			if tt.code == "" {
				if err != nil {
					t.Errorf("%.300s", err)
				}
				return
			}
			if err == nil || !strings.Contains(err.Error(), "["+tt.code+"]") || len(err.Error()) > 1<<20 {
				t.Errorf("%.300s", fmt.Sprint(err))
			}
		})
	}
}

// TestManyConditions reads conditions of which each asks something of the same value. Twice as many may cost little more
// than twice as much.
func TestManyConditions(t *testing.T) {
	costOf := func(n int) float64 {
		text := "version: 1\nidentities: { main: { key: { env: BOT_NSEC } } }\nrelays: [wss://relay.example]\nrules:\n" +
			"  - { name: a, trigger: { mention: {} }, actions: [ { reply: { content: hi } } ], if: [" +
			strings.TrimSuffix(strings.Repeat(`'event.kind in [1, 2]', `, n), ", ") + "] }\n"
		return testing.AllocsPerRun(1, func() {
			if _, err := config.Parse("bot.yaml", []byte(text), options()); err != nil {
				t.Fatalf("%.300s", err)
			}
		})
	}
	if once, twice := costOf(2000), costOf(4000); twice > 2.2*once {
		t.Errorf("2000 conditions make %.0f values, and 4000 make %.0f", once, twice)
	}
}

// TestManyRules reads ten thousand rules.
func TestManyRules(t *testing.T) {
	t.Parallel()
	f, err := config.Parse("bot.yaml", manyRules(10_000), options())
	if err != nil || len(f.Rules) != 10_000 {
		t.Fatalf("%.300s", fmt.Sprint(err))
	}
}

// TestAliasesOfEachOther multiply in a text of a few lines, also as merged maps.
func TestAliasesOfEachOther(t *testing.T) {
	t.Parallel()
	for name, line := range map[string]string{
		"lists":  "a%[1]d: &a%[1]d [%[2]s]\n",
		"merged": "a%[1]d: &a%[1]d { k%[1]d: { <<: [%[2]s] }, <<: [%[2]s] }\n",
	} {
		var b strings.Builder
		b.WriteString("version: 1\na0: &a0 { k: v }\n")
		for i := range 30 {
			fmt.Fprintf(&b, line, i+1, strings.TrimSuffix(strings.Repeat(fmt.Sprintf("*a%d, ", i), 10), ", "))
		}
		if _, err := config.Parse("bot.yaml", []byte(b.String()), options()); err == nil || !strings.Contains(err.Error(), "aliases add more than") {
			t.Errorf("%s: %.300s", name, fmt.Sprint(err))
		}
	}
}
