package expression

import (
	"errors"
	"strings"

	"github.com/expr-lang/expr/ast"
	"github.com/expr-lang/expr/file"
)

// The compiler's messages that are put into plainer words.
var (
	unknownName  = formOf(`^unknown name (\S+)$`)
	noMember     = formOf(`^type (.+) has no (?:field|method) (\S+)$`)
	mismatch     = formOf(`^invalid operation: (.+) \(mismatched types (.+) and (.+)\)$`)
	unaryMiss    = formOf(`^invalid operation: (.+) \(mismatched type (.+)\)$`)
	badArgument  = formOf(`^cannot use (.+) as argument \(type (.+)\) to call (\S+) ?$`)
	wrongCount   = formOf(`^(not enough|too many) arguments to call (\S+)$`)
	wantsList    = formOf(`^builtin (\S+) takes only array \(got (.+)\)$`)
	notBool      = formOf(`^non-bool expression \(type (.+)\) used as condition$`)
	predicateMix = formOf(`^predicate should return boolean \(got (.+)\)$`)
	invalidArg   = formOf(`^invalid argument for (\S+) \(type (.+)\)$`)
	mixed        = formOf(`^Operator \((\S+)\) and coalesce expressions \(\?\?\) cannot be mixed`)
	notCallable  = formOf(`^(.+) is not callable$`)
	badIndex     = formOf(`^array elements can only be selected using an integer \(got (.+)\)$`)
	timeSpan     = formOf(`^[0-9.]+(ns|us|ms|[smhdw])$`)
	badNumber    = formOf(`^bad number syntax: "(.+)"$`)
	unexpected   = formOf(`^unexpected token (\w+)(?:\((.*)\))?$`)
)

func located(err error) (int, string) {
	if f, ok := errors.AsType[*file.Error](err); ok {
		return f.From, f.Message
	}
	return 0, err.Error()
}

func syntaxFinding(err error, source string) Finding {
	offset, message := located(err)
	f := Finding{Code: CodeSyntax, Offset: offset, Message: message}
	if m := unexpected().FindStringSubmatch(message); m != nil {
		token := strings.Trim(m[2], `"`)
		switch {
		case m[1] == "EOF":
			f.Message, f.Offset = "the expression ends too early", runes(source)
		default:
			f.Message = "unexpected " + quoted(token)
		}
		f.Hint = operatorHint(token, source, offset)
		if isOperator(token) {
			f.Message = token + " stands between two values: it is no function"
		}
	}
	if m := mixed().FindStringSubmatch(message); m != nil {
		f.Message, f.Hint = "it is not clear what comes first here: ?? or "+m[1], `write parentheses, such as (a ?? "") `+m[1]+" b"
	}
	if m := badNumber().FindStringSubmatch(message); m != nil {
		f.Message, f.Hint = quoted(m[1])+" is no number", ""
		if timeSpan().MatchString(m[1]) {
			f.Hint = "a time span stands in duration(\"" + m[1] + "\")"
		}
	}
	if message == "invalid char escape" {
		f.Message, f.Hint = "this backslash stands for nothing in quotes", inBackticks(stringAt(source, offset))
		f.Offset = max(offset-1, 0)
	}
	if message == "literal not terminated" {
		f.Message, f.Offset = "this string is never closed", unclosed(source)
		if at := broken(source); at >= 0 {
			f.Message, f.Offset = "this string goes over the end of a line", at
			f.Hint = `in double quotes YAML makes a line break of \n: write \\n there`
		}
	}
	f.Message = inPlainWords(f.Message)
	if strings.HasSuffix(message, "exceeds maximum allowed nodes") {
		f.Code, f.Message = CodeLimit, "this expression is too large"
	}
	return f
}

// stringAt returns what stands in the quotes around an offset.
func stringAt(source string, offset int) string {
	rs := []rune(source)
	before := string(rs[:min(offset, len(rs))])
	open := unclosed(before)
	text := string(rs[min(open+1, len(rs)):])
	if end := stringEnd(text, source[len(string(rs[:open]))]); end >= 0 {
		return text[:end]
	}
	return text
}

// broken finds a string with the end of a line in it, which only backticks may have; -1 for none.
func broken(source string) int {
	for i := 0; i < len(source); i++ {
		if c := source[i]; c == '"' || c == '\'' || c == '`' {
			end := stringEnd(source[i+1:], c)
			if end < 0 {
				return -1
			}
			if c != '`' && strings.Contains(source[i+1:i+1+end], "\n") {
				return runes(source[:i])
			}
			i += end + 1
		}
	}
	return -1
}

// unclosed finds the quote that has no partner.
func unclosed(source string) int {
	for i := 0; i < len(source); i++ {
		if c := source[i]; c == '"' || c == '\'' || c == '`' {
			end := stringEnd(source[i+1:], c)
			if end < 0 {
				return runes(source[:i])
			}
			i += end + 1
		}
	}
	return runes(source)
}

func quoted(s string) string { return `"` + s + `"` }

func (c *Compiler) typeFinding(err error, root ast.Node) Finding {
	offset, message := located(err)
	f := Finding{Code: CodeType, Offset: offset, Message: message}
	if m := unknownName().FindStringSubmatch(message); m != nil {
		f.Code, f.Message = CodeName, "there is no "+written(m[1])+" here"
		if foreignName(m[1]) != "" {
			f.Message = "there is no " + m[1] + " here"
		}
		f.Hint = c.scope.hint(m[1], isCalled(root, m[1], offset), isOperand(root, offset))
		return f
	}
	if m := noMember().FindStringSubmatch(message); m != nil {
		f.Code = CodeName
		f.Message, f.Hint = memberFinding(root, offset, plainType(m[1]), m[2])
		return f
	}
	for _, r := range []struct {
		form form
		text func(m []string) string
	}{
		{mismatch, func(m []string) string {
			return m[1] + " does not fit " + article(plainType(m[2])) + " and " + article(plainType(m[3]))
		}},
		{unaryMiss, func(m []string) string { return m[1] + " does not fit " + article(plainType(m[2])) }},
		{badArgument, func(m []string) string {
			return written(m[3]) + " wants " + article(plainType(m[2])) + " here, this is " + article(plainType(m[1]))
		}},
		{wrongCount, func(m []string) string { return m[1] + " arguments for " + written(m[2]) }},
		{wantsList, func(m []string) string { return m[1] + " wants a list, this is " + article(plainType(m[2])) }},
		{notBool, func(m []string) string {
			return "this is " + article(plainType(m[1])) + ", a condition must be true or false"
		}},
		{predicateMix, func(m []string) string {
			return "this is " + article(plainType(m[1])) + ", the test of a loop must be true or false"
		}},
		{badIndex, func([]string) string { return "the elements of a list have numbers, not names" }},
		{notCallable, func(m []string) string { return "this is " + article(plainType(m[1])) + ", not a function" }},
		{invalidArg, func(m []string) string { return m[1] + " cannot use " + article(plainType(m[2])) }},
	} {
		if m := r.form().FindStringSubmatch(message); m != nil {
			f.Message = r.text(m)
			break
		}
	}
	f.Message = inPlainWords(f.Message)
	if m := mismatch().FindStringSubmatch(message); m != nil {
		f.Hint = mismatchHint(m[1], plainType(m[2]), plainType(m[3]))
	}
	if notCallable().MatchString(message) {
		f.Hint = "write it without parentheses"
	}
	if badIndex().MatchString(message) {
		f.Hint = listMember(root, offset)
	}
	if m := wrongCount().FindStringSubmatch(message); m != nil {
		if signature, ok := signatureOf(m[2]); ok {
			f.Hint = "write " + signature
		}
	}
	return f
}

// mismatchHint suggests what to write when a text stands beside something else.
func mismatchHint(operator, left, right string) string {
	if right != "string" {
		left, right = right, left
	}
	switch {
	case right != "string":
		return ""
	case left == "number" && operator == "+":
		return "string(…) makes a text of a number"
	case left == "number":
		return "a number stands without quotes"
	case left == "time":
		return `write date("2026-01-31")`
	case left == "author" || left == "event" || left == "item":
		return "compare one of its members, such as " + map[string]string{
			"author": "author.name", "event": "event.content", "item": "item.title",
		}[left]
	case left == "true or false":
		return "true and false stand without quotes"
	}
	return ""
}

// plainType names a Go type that stands in a message.
func plainType(s string) string {
	s = strings.TrimLeft(s, "*")
	switch {
	case s == "string":
		return s
	case s == "bool":
		return "true or false"
	case s == "time.Time":
		return "time"
	case s == "time.Duration":
		return "duration"
	case s == "nil" || s == "<nil>":
		return "nil"
	case s == "unknown" || strings.HasPrefix(s, "interface"):
		return "anything"
	case strings.HasPrefix(s, "[]interface"):
		return "list"
	case strings.HasPrefix(s, "[]"):
		return "list of " + plural(plainType(s[2:]))
	case strings.HasPrefix(s, "map["):
		return "map"
	case strings.HasPrefix(s, "func("):
		return "function"
	case strings.HasPrefix(s, "int") || strings.HasPrefix(s, "uint") || strings.HasPrefix(s, "float"):
		return "number"
	}
	if i := strings.LastIndexByte(s, '.'); i >= 0 {
		return snake(s[i+1:])
	}
	return s
}

var (
	wrongType = formOf(`^interface conversion: interface \{\} is (.+), not (.+)$`)
	cannotDo  = formOf(`^invalid operation: (.+?) (\S+) (.+)$`)
	cannotGet = formOf(`^cannot (?:fetch|get) (.+) from (.+)$`)
	noMembers = formOf(`^invalid operation: int\(string\)$`)
)

// plainError puts the evaluation's own errors into plainer words.
func plainError(message string) string {
	if m := wrongType().FindStringSubmatch(message); m != nil {
		return "this is " + article(plainType(m[1])) + ", it must be " + article(plainType(m[2]))
	}
	if m := cannotDo().FindStringSubmatch(message); m != nil {
		return m[2] + " does not fit " + article(plainType(m[1])) + " and " + article(plainType(m[3]))
	}
	if noMembers().MatchString(message) {
		return "a text or a list has no members with names"
	}
	if m := cannotGet().FindStringSubmatch(message); m != nil {
		return article(plainType(m[2])) + " has no " + m[1]
	}
	return inPlainWords(message)
}

// written is a name as it is written in an expression, not as Go has it.
func written(name string) string {
	if name != "" && 'A' <= name[0] && name[0] <= 'Z' {
		return snake(name)
	}
	return name
}
