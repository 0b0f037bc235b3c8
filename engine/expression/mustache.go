package expression

import "strings"

// braces are how other programs put a value into a text: {{ event.content }}, {{.Title}}, {item.title}.
var braces = formOf(`(\$?)(\{\{-?\s*(\.?\w+(?:\.\w+)*)\s*(?:\|[^{}]*)?-?\}\}|\{(\w+\.\w+)\})`)

// foreignBraces warns about a part of a text that would be published as it is written though it names a variable.
// Variable is our name for what stands between braces; "" for what is none.
func foreignBraces(literal string, offset int, variable func(string) string) (found Findings) {
	if !strings.Contains(literal, "{") {
		return nil
	}
	for _, m := range braces().FindAllStringSubmatchIndex(literal, -1) {
		part := func(i int) string { return literal[max(m[2*i], 0):max(m[2*i+1], 0)] }
		ours := variable(part(3) + part(4))
		if part(1) != "" || ours == "" {
			continue
		}
		found = append(found, Finding{
			Warning: true, Code: CodeBraces, Offset: offset + runes(literal[:m[4]]),
			Message: part(2) + " is published as it stands here",
			Hint:    "write ${{ " + ours + " }} for the value",
		})
	}
	return found
}
