package expression_test

import (
	"strings"
	"testing"

	"rhea/engine/expression"
)

func TestDataAndCycle(t *testing.T) {
	t.Parallel()
	c := compiler(t).WithData(map[string]any{
		"quotes": []any{map[string]any{"text": "one", "by": "1"}, map[string]any{"text": "two", "by": "2"}, map[string]any{"text": "three", "by": "3"}},
		"limits": map[string]any{"most": 5.0}, "word": "hello",
	})
	for source, want := range map[string]string{
		`${{ data.word }} ${{ data.limits.most }} ${{ data["word"] }}`: "hello 5 hello",
		`${{ len(data.quotes) }} ${{ data.quotes[1].text }}`:           "3 two",
		`${{ map(data.quotes, .by) | join("") }}`:                      "123",
		`${{ cycle(["a"]) }}${{ cycle(words[:1]) }}`:                   "aone",
		`${{ cycle(nil) }}`: "",
	} {
		template, findings := expression.Split(source)
		text, more := c.Text(template)
		if err := append(findings, more...).Err(); err != nil {
			t.Errorf("%s: %v", source, err)
			continue
		}
		if got, err := text.Eval(sample()); err != nil || got != want {
			t.Errorf("%s is %q, %v, want %q", source, got, err, want)
		}
	}
	// One way of writing a list, one element; and it comes with all that belongs to it.
	template, _ := expression.Split(`${{ cycle(data.quotes).text }} ${{ cycle(data.quotes).by }}`)
	text, findings := c.Text(template)
	if err := findings.Err(); err != nil {
		t.Fatal(err)
	}
	if got, err := text.Eval(sample()); err != nil || !strings.Contains("one 1, two 2, three 3", got) {
		t.Errorf("the quote is %q, %v", got, err)
	}
	if !c.Cycles() {
		t.Error("nobody knows that there is a cycle")
	}
	for source, says := range map[string]string{
		"${{ data.wort }}": "did you mean data.word", "${{ data }}": "data is no value", "${{ cycle() }}": "not enough arguments",
		"${{ cycle(data.word) }}": "cycle wants a list", "${{ cycle([]) }}": "",
	} {
		template, _ := expression.Split(source)
		if _, findings := c.Text(template); says != "" && (findings.Err() == nil || !strings.Contains(findings.Err().Error(), says)) {
			t.Errorf("%s: %v, want %q", source, findings.Err(), says)
		}
	}
	if _, findings := c.Condition(`cycle([true, false])`); findings.Err() == nil || !strings.Contains(findings.Err().Error(), "use pick") {
		t.Errorf("a condition may draw: %v", findings)
	}
}
