package expression_test

import (
	"testing"

	"rhea/engine/expression"
)

// FuzzText splits, compiles and evaluates whatever is written: no panic, offsets within the text.
func FuzzText(f *testing.F) {
	for _, seed := range []string{
		"plain", "${{ event.content }}", "$${{ $$ ${X:-y} ${{ {\"a\": 1}.a }} ${", "${{ event.tags | map(#[0]) | join(\"}}\") }}",
		"${{ let a = 1; a + event.kind }}", "${{ any(words, {any(words, # == \"\")}) }}", "${{ author?.name ?? `x` }}",
		"${{ if event.kind == 1 { 1 } else { 2 } }}", "${{ format(now, \"2006\", \"UTC\") }}", "${{ event.tag(event.tag) }}",
		"${{ [1, 2, 3][-1:] }} ${{ 1 / 0 }} ${{ 5 % 0 }}", "${{ \"\\u00e4\" matches '(' }}", "🦩 ${{ ä }}", "${{ reduce(1..9, #acc + #) }}",
		"${{ sortBy(words, #) }} ${{ groupBy(words, len(#)) }} ${{ pick(words) }}", "${{ fromJSON(\"[1]\")[0] ** 2 }}", "${{ event.hashtags() }}",
		"${{ answer.x.y?.z }} ${{ -answer }} ${{ not answer }}", "${{ date(\"x\") }} ${{ now - now }} ${{ nil in nil }}",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, source string) {
		template, findings := expression.Split(source)
		check := func(findings expression.Findings) {
			for _, f := range findings {
				if f.Offset < 0 || f.Offset > len([]rune(source)) || f.Message == "" || f.Code == "" {
					t.Fatalf("%q: %+v", source, f)
				}
			}
		}
		check(findings)
		if findings.Err() != nil {
			return
		}
		c := compiler(t)
		text, findings := c.Text(template)
		check(findings)
		if findings.Err() == nil {
			_, _ = text.Eval(sample())
			_, _ = text.Eval(&data{})
		}
		condition, findings := c.Condition(source)
		check(findings)
		if findings.Err() == nil {
			_, _ = condition.Eval(sample())
		}
	})
}
