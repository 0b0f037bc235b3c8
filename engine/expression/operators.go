package expression

import (
	"slices"
	"strings"
	"unicode/utf8"
)

// operatorHint suggests what may be meant by something that is no operator, or by an operator that stands where none can.
func operatorHint(token, source string, offset int) string {
	switch token {
	case "=":
		if rest := []rune(source); offset+1 < len(rest) && rest[offset+1] == '~' {
			return "matches compares with a regular expression"
		}
		return "== compares"
	case ">":
		if rest := []rune(source); offset > 0 && rest[offset-1] == '<' {
			return "write !="
		}
	case "&":
		return "write and, or &&"
	case "|":
		return "write or, or ||"
	case "like", "includes", "has", "include":
		return "texts are compared by contains, startsWith, endsWith and matches"
	case "is", "equals", "eq":
		return "== compares"
	case ":":
		if rs := []rune(source); loopBrace().MatchString(string(rs[:min(offset, len(rs))])) {
			return "the braces are the loop itself: write ({name: value}) for a map"
		}
	case "then", "else":
		return "write condition ? a : b"
	}
	if isOperator(token) {
		return "write " + between(token, source, offset)
	}
	if near := Nearest(token, []string{"contains", "startsWith", "endsWith", "matches", "and", "or", "not", "in"}); near != "" {
		return "did you mean " + near + "?"
	}
	return ""
}

// isOperator reports whether a word is an operator that stands between two values.
func isOperator(word string) bool {
	return slices.Contains([]string{"contains", "startsWith", "endsWith", "matches", "in"}, word)
}

// loopBrace is the beginning of a map that stands where a loop begins.
var loopBrace = formOf(`[(,]\s*\{\s*["']?\w+["']?\s*$`)

// longestCall is how long the arguments may be that a hint repeats.
const longestCall = 60

// between writes an operator that was called like a function between its two sides.
func between(operator, source string, offset int) string {
	left, right := "a", "b"
	if a, b, ok := twoArguments(string([]rune(source)[offset:])[len(operator):]); ok {
		left, right = a, b
	}
	return left + " " + operator + " " + right
}

// twoArguments reads what stands in parentheses at the beginning of a text, when these are two short arguments.
func twoArguments(text string) (first, second string, ok bool) {
	text, called := strings.CutPrefix(strings.TrimLeft(text, space), "(")
	if !called {
		return "", "", false
	}
	depth, comma := 0, -1
	for i := 0; i < len(text); i++ {
		switch c := text[i]; c {
		case '"', '\'', '`':
			end := stringEnd(text[i+1:], c)
			if end < 0 {
				return "", "", false
			}
			i += end + 1
		case '(', '[', '{':
			depth++
		case ']', '}':
			depth--
		case ',':
			if depth == 0 && comma >= 0 {
				return "", "", false
			} else if depth == 0 {
				comma = i
			}
		case ')':
			if depth > 0 {
				depth--
				continue
			}
			if comma < 0 || utf8.RuneCountInString(text[:i]) > longestCall {
				return "", "", false
			}
			first, second = strings.TrimSpace(text[:comma]), strings.TrimSpace(text[comma+1:i])
			return first, second, first != "" && second != ""
		}
	}
	return "", "", false
}
