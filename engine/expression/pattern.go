package expression

import (
	"errors"
	"regexp"
	"regexp/syntax"
	"strings"
	"unicode/utf8"

	"github.com/expr-lang/expr/ast"
)

// PatternMistake says what is wrong with a regular expression and what to write instead; "" when nothing is.
func PatternMistake(pattern string) (message, hint string) {
	if _, err := regexp.Compile(pattern); err != nil {
		return plainPattern(err)
	}
	return "", ""
}

// plainPattern says what is wrong with a regular expression, and what to write instead.
func plainPattern(err error) (message, hint string) {
	bad, ok := errors.AsType[*syntax.Error](err)
	if !ok {
		return "this is no regular expression (RE2)", ""
	}
	part := bad.Expr
	itself := func(c string) string {
		return "write \\" + c + " for the character itself, and the pattern in backticks"
	}
	switch {
	case strings.HasPrefix(part, "(?=") || strings.HasPrefix(part, "(?!"):
		return part + " looks ahead, and regular expressions here (RE2) cannot", "match what follows too, or write a second condition with and, or and not"
	case strings.HasPrefix(part, "(?<=") || strings.HasPrefix(part, "(?<!"):
		return part + " looks behind, and regular expressions here (RE2) cannot", "match what stands before too, or write a second condition with and, or and not"
	case bad.Code == syntax.ErrInvalidEscape && len(part) > 1 && '1' <= part[1] && part[1] <= '9':
		return part + " refers back to a group, and regular expressions here (RE2) cannot", "write out what must be repeated"
	}
	switch bad.Code {
	case syntax.ErrMissingParen:
		return "a closing ) is missing in this regular expression", itself("(")
	case syntax.ErrUnexpectedParen:
		return "a ) in this regular expression closes nothing", itself(")")
	case syntax.ErrMissingBracket:
		return "a closing ] is missing in this regular expression", itself("[")
	case syntax.ErrMissingRepeatArgument:
		return "there is nothing before " + part + " that it could repeat in this regular expression", itself(part)
	case syntax.ErrInvalidRepeatOp:
		return part + " repeats what is repeated already in this regular expression", "remove one of the signs"
	case syntax.ErrInvalidRepeatSize:
		return part + " is no number of times in this regular expression", "write {2,5}, with numbers up to 1000"
	case syntax.ErrInvalidCharRange:
		return part + " is no range of characters in this regular expression", "write it from the lower to the higher one, and \\- for the character itself"
	case syntax.ErrTrailingBackslash:
		return "this regular expression ends with a backslash", itself("\\")
	case syntax.ErrInvalidUTF8:
		return "this regular expression is not valid UTF-8", ""
	case syntax.ErrLarge, syntax.ErrNestingDepth:
		return "this regular expression is too large", "divide it into several conditions"
	}
	return part + " means nothing in this regular expression (RE2)", ""
}

// pattern looks at what is compared with a text, when the regular expression is known beforehand.
func pattern(text, written ast.Node) Findings {
	if found := backspaces(written); len(found) > 0 {
		return found
	}
	s, ok := written.(*ast.StringNode)
	if !ok {
		return nil
	}
	if message, hint := PatternMistake(s.Value); message != "" {
		return Findings{{Code: CodeSyntax, Offset: s.Location().From, Message: message, Hint: hint}}
	}
	return slashed(text, s)
}

// backspaces finds the texts of a pattern in which \b has become a character.
func backspaces(node ast.Node) (found Findings) {
	if s, ok := node.(*ast.StringNode); ok && strings.ContainsRune(s.Value, '\b') {
		return Findings{{
			Code: CodePattern, Offset: s.Location().From,
			Message: `\b in quotes is a backspace, which no text has; in a regular expression it is the edge of a word`,
			Hint:    inBackticks(strings.ReplaceAll(s.Value, "\b", `\b`)),
		}}
	}
	for _, child := range children(node) {
		found = append(found, backspaces(child)...)
	}
	return found
}

// longestPattern is how long a pattern may be that a hint repeats.
const longestPattern = 40

// inBackticks says how to write a text in which a backslash stands for itself.
func inBackticks(text string) string {
	if utf8.RuneCountInString(text) > longestPattern || strings.Contains(text, "`") {
		return "write the pattern in backticks instead of quotes, or each backslash twice"
	}
	return "write it in backticks: `" + text + "`, or each backslash twice"
}

// slashes is how other languages write a pattern: /hello/i.
var slashes = formOf(`^/(.+)/([gimsuxy]*)$`)

// slashed warns about slashes around a pattern, which stand for themselves here. Those around one part of an address
// may be meant.
func slashed(text ast.Node, s *ast.StringNode) Findings {
	m := slashes().FindStringSubmatch(s.Value)
	if m == nil || m[2] == "" && isAddress(text) {
		return nil
	}
	inner := m[1]
	if strings.Contains(m[2], "i") {
		inner = "(?i)" + inner
	}
	hint := "write the pattern alone"
	if utf8.RuneCountInString(inner) <= longestPattern {
		hint += ": `" + inner + "`"
	}
	return Findings{{
		Warning: true, Code: CodePattern, Offset: s.Location().From,
		Message: "the slashes are part of this regular expression: the text must have them too",
		Hint:    hint + ", or [/] for a slash that is meant",
	}}
}

// isAddress reports whether a variable holds a web address.
func isAddress(node ast.Node) bool {
	p, ok := path(node)
	if !ok {
		_, literal := node.(*ast.StringNode)
		return !literal
	}
	for _, name := range []string{"link", "url", "id", "guid", "relay", "picture", "image", "website"} {
		if p == name || strings.HasSuffix(p, "."+name) {
			return true
		}
	}
	return false
}

// controls are the control characters that YAML makes of an escape in double quotes.
var controls = map[rune]string{'\a': `\a`, '\b': `\b`, '\v': `\v`, '\f': `\f`}

// control finds a control character in a source: nobody can type one.
func control(source string) (Finding, bool) {
	i := strings.IndexAny(source, "\a\b\v\f")
	if i < 0 {
		return Finding{}, false
	}
	escape := controls[rune(source[i])]
	return Finding{
		Code: CodeSyntax, Offset: runes(source[:i]),
		Message: "there is a control character here: in double quotes YAML makes one of " + escape,
		Hint:    "take the double quotes off the whole value or put single ones there, and write the pattern in backticks",
	}, true
}
