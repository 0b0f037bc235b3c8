package expression

import (
	"strings"
	"unicode/utf8"
)

// Template is a text split into what is written as it is, environment variables and expressions.
type Template struct {
	// Source is the text as it was written.
	Source string
	// Parts are in the order of the text.
	Parts []Part
}

// PartKind tells the parts of a template apart.
type PartKind int

// The kinds of parts.
const (
	// Literal is text.
	Literal PartKind = iota
	// Variable is ${NAME} or ${NAME:-default}.
	Variable
	// Expression is ${{ … }}.
	Expression
)

// Part is one piece of a template.
type Part struct {
	Kind PartKind
	// Text is the literal text, the name of the variable or the source of the expression.
	Text string
	// Default replaces a variable that is not set, if HasDefault.
	Default    string
	HasDefault bool
	// Offset is where the part begins in the source, for an expression where its first character stands, in runes.
	Offset int
}

const maxExpressions = 100

// Split reads a text. $${{ is a literal ${{, $$ a literal dollar.
func Split(source string) (Template, Findings) {
	s := splitter{source: source}
	s.run()
	return Template{Source: source, Parts: s.parts}, s.findings
}

// Whole is a template that is one expression, as a condition is. A ${{ … }} around all of it is taken off.
func Whole(source string) Template {
	trimmed := strings.TrimSpace(source)
	if strings.HasPrefix(trimmed, "${{") {
		if t, findings := Split(trimmed); len(findings) == 0 && len(t.Parts) == 1 && t.Parts[0].Kind == Expression {
			t.Source = source
			t.Parts[0].Offset += runes(source[:strings.Index(source, trimmed)])
			return t
		}
	}
	offset := runes(source[:len(source)-len(strings.TrimLeft(source, space))])
	return Template{Source: source, Parts: []Part{{Kind: Expression, Text: trimmed, Offset: offset}}}
}

// Dynamic reports whether there is an expression in the template.
func (t Template) Dynamic() bool {
	for _, p := range t.Parts {
		if p.Kind == Expression {
			return true
		}
	}
	return false
}

// Literal returns the text of a template without expressions.
func (t Template) Literal() string {
	var b strings.Builder
	for _, p := range t.Parts {
		b.WriteString(p.Text)
	}
	return b.String()
}

// Resolve puts the values of environment variables in their places. What they hold is text, never an expression.
func (t Template) Resolve(lookup func(name string) (string, bool)) (Template, Findings) {
	var findings Findings
	parts := make([]Part, len(t.Parts))
	for i, p := range t.Parts {
		if p.Kind == Variable {
			value, ok := lookup(p.Text)
			switch {
			case ok && (value != "" || !p.HasDefault):
			case p.HasDefault:
				value = p.Default
			default:
				value = ""
				findings = append(findings, Finding{
					Code: CodeEnv, Offset: p.Offset,
					Message: "the environment variable " + p.Text + " is not set",
					Hint:    "set it, or give a default: ${" + p.Text + ":-default}",
				})
			}
			p = Part{Text: value, Offset: p.Offset}
		}
		parts[i] = p
	}
	t.Parts = parts
	return t, findings
}

const space = " \t\r\n"

type splitter struct {
	source   string
	pos      int // bytes
	offset   int // runes up to pos
	literal  strings.Builder
	start    int // offset of the literal
	count    int
	parts    []Part
	findings Findings
}

func (s *splitter) run() {
	for s.pos < len(s.source) && s.count <= maxExpressions && len(s.findings) < maxExpressions {
		rest := s.source[s.pos:]
		switch {
		case strings.HasPrefix(rest, "$${{"):
			s.literal.WriteString("${{")
			s.advance(4)
		case strings.HasPrefix(rest, "$$"):
			s.literal.WriteByte('$')
			s.advance(2)
		case strings.HasPrefix(rest, "${{"):
			s.expression()
		case strings.HasPrefix(rest, "${"):
			s.variable()
		default:
			n := strings.IndexByte(rest[1:], '$') + 1
			if n == 0 {
				n = len(rest)
			}
			s.literal.WriteString(rest[:n])
			s.advance(n)
		}
	}
	s.flush()
}

func (s *splitter) advance(bytes int) {
	s.offset += runes(s.source[s.pos : s.pos+bytes])
	s.pos += bytes
}

func (s *splitter) flush() {
	if s.literal.Len() > 0 {
		s.parts = append(s.parts, Part{Text: s.literal.String(), Offset: s.start})
		s.literal.Reset()
	}
	s.start = s.offset
}

func (s *splitter) fail(code, message, hint string) {
	s.findings = append(s.findings, Finding{Code: code, Offset: s.offset, Message: message, Hint: hint})
}

func (s *splitter) expression() {
	s.flush()
	length, ok := expressionEnd(s.source[s.pos+3:])
	if !ok {
		s.fail(CodeTemplate, "this ${{ is never closed", "close it with }}, or write $${{ for the characters themselves")
		s.advance(len(s.source) - s.pos)
		s.start = s.offset
		return
	}
	if s.count++; s.count == maxExpressions+1 {
		s.fail(CodeLimit, "this text has more than 100 expressions", "")
	}
	inner := s.source[s.pos+3 : s.pos+3+length]
	trimmed := strings.TrimLeft(inner, space)
	offset := s.offset + 3 + runes(inner[:len(inner)-len(trimmed)])
	if trimmed == "" {
		s.fail(CodeTemplate, "there is no expression between ${{ and }}", "")
	} else if s.count <= maxExpressions {
		s.parts = append(s.parts, Part{Kind: Expression, Text: strings.TrimRight(trimmed, space), Offset: offset})
	}
	s.advance(3 + length + 2)
	s.start = s.offset
}

// expressionEnd finds the }} that closes an expression: not inside a string and not the braces of a map.
func expressionEnd(s string) (int, bool) {
	depth := 0
	for i := 0; i < len(s); i++ {
		switch c := s[i]; c {
		case '"', '\'', '`':
			end := stringEnd(s[i+1:], c)
			if end < 0 {
				return anyEnd(s)
			}
			i += end + 1
		case '{':
			depth++
		case '}':
			if depth == 0 {
				if strings.HasPrefix(s[i:], "}}") {
					return i, true
				}
				continue
			}
			depth--
		}
	}
	return anyEnd(s)
}

// anyEnd ends an expression whose strings or braces are not closed, so that its own parser reports what is wrong.
func anyEnd(s string) (int, bool) {
	end := strings.Index(s, "}}")
	return end, end >= 0
}

func stringEnd(s string, quote byte) int {
	for i := 0; i < len(s); i++ {
		switch {
		case s[i] == '\\' && quote != '`':
			i++
		case s[i] == quote:
			return i
		}
	}
	return -1
}

func (s *splitter) variable() {
	s.flush()
	inner, ok := variableInner(s.source[s.pos+2:])
	name, value, hasDefault := strings.Cut(inner, ":-")
	if !ok {
		s.fail(CodeTemplate, "${ must begin ${NAME}, ${NAME:-default} or ${{ expression }}",
			"write $${ for the characters themselves")
		s.literal.WriteString("${")
		s.advance(2)
		return
	}
	s.parts = append(s.parts, Part{Kind: Variable, Text: name, Default: value, HasDefault: hasDefault, Offset: s.offset})
	s.advance(2 + len(inner) + 1)
	s.start = s.offset
}

// variableInner returns NAME or NAME:-default, which stand before the next }.
func variableInner(s string) (string, bool) {
	n := strings.IndexFunc(s, func(r rune) bool {
		return r != '_' && (r < '0' || r > '9') && (r < 'a' || r > 'z') && (r < 'A' || r > 'Z')
	})
	if n < 1 || '0' <= s[0] && s[0] <= '9' {
		return "", false
	}
	if s[n] == '}' {
		return s[:n], true
	}
	end := strings.IndexByte(s, '}')
	return s[:max(end, 0)], end > 0 && strings.HasPrefix(s[n:], ":-")
}

func runes(s string) int { return utf8.RuneCountInString(s) }
