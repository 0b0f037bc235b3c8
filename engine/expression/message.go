package expression

import (
	"errors"
	"regexp"
	"slices"
	"strings"
	"sync"

	"github.com/expr-lang/expr/ast"
	"github.com/expr-lang/expr/file"
)

// form is a pattern of messages. Few programs meet a message, so it is compiled when the first one comes.
type form func() *regexp.Regexp

func formOf(pattern string) form {
	return sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(pattern) })
}

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
	unexpected   = formOf(`^unexpected token (\w+)(?:\((.*)\))?$`)
)

// operatorHint suggests what may be meant by something that is no operator.
func operatorHint(token, source string, offset int) string {
	switch token {
	case "=":
		if rest := []rune(source); offset+1 < len(rest) && rest[offset+1] == '~' {
			return "matches compares with a regular expression"
		}
		return "== compares"
	case "&":
		return "write and, or &&"
	case "|":
		return "write or, or ||"
	case "like", "includes", "has", "include":
		return "texts are compared by contains, startsWith, endsWith and matches"
	case "is", "equals", "eq":
		return "== compares"
	}
	if near := Nearest(token, []string{"contains", "startsWith", "endsWith", "matches", "and", "or", "not", "in"}); near != "" {
		return "did you mean " + near + "?"
	}
	return ""
}

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
	}
	if m := mixed().FindStringSubmatch(message); m != nil {
		f.Message, f.Hint = "it is not clear what comes first here: ?? or "+m[1], `write parentheses, such as (a ?? "") `+m[1]+" b"
	}
	if message == "literal not terminated" {
		f.Message, f.Offset = "this string is never closed", unclosed(source)
	}
	if strings.HasSuffix(message, "exceeds maximum allowed nodes") {
		f.Code, f.Message = CodeLimit, "this expression is too large"
	}
	return f
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
		f.Hint = c.scope.hint(m[1], isCalled(root, m[1], offset))
		return f
	}
	if m := noMember().FindStringSubmatch(message); m != nil {
		f.Code = CodeName
		f.Message, f.Hint = memberFinding(root, offset, m[1], m[2])
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
		{invalidArg, func(m []string) string { return m[1] + " cannot use " + article(plainType(m[2])) }},
	} {
		if m := r.form().FindStringSubmatch(message); m != nil {
			f.Message = r.text(m)
			break
		}
	}
	if m := mismatch().FindStringSubmatch(message); m != nil {
		f.Hint = mismatchHint(m[1], plainType(m[2]), plainType(m[3]))
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
	case left == "true or false":
		return "true and false stand without quotes"
	}
	return ""
}

// memberFinding names the member that is missing, and the nearest one there is.
func memberFinding(root ast.Node, offset int, typeText, name string) (message, hint string) {
	n := memberAt(root, offset, name)
	if n == nil {
		return plainType(typeText) + " has no " + name, ""
	}
	of := plainType(typeText)
	if p, ok := path(n.Node); ok {
		of = p
	}
	var names []string
	for _, m := range membersOf("", n.Node.Type()) {
		names = append(names, strings.TrimPrefix(m.Path, "."))
	}
	if near := Nearest(name, names); near != "" {
		hint = "did you mean " + near + "?"
	} else if len(names) > 0 {
		hint = "it has " + strings.Join(names, ", ")
	}
	return of + " has no " + name, hint
}

// memberAt finds the member of that name that stands at offset.
func memberAt(node ast.Node, offset int, name string) *ast.MemberNode {
	if n, ok := node.(*ast.MemberNode); ok && n.Location().From == offset {
		if property, ok := n.Property.(*ast.StringNode); ok && property.Value == name {
			return n
		}
	}
	for _, child := range children(node) {
		if n := memberAt(child, offset, name); n != nil {
			return n
		}
	}
	return nil
}

// written is a name as it is written in an expression, not as Go has it.
func written(name string) string {
	if name != "" && 'A' <= name[0] && name[0] <= 'Z' {
		return snake(name)
	}
	return name
}

// isCalled reports whether a name at an offset is called.
func isCalled(node ast.Node, name string, offset int) bool {
	if n, ok := node.(*ast.CallNode); ok {
		if id, ok := n.Callee.(*ast.IdentifierNode); ok && id.Value == name && id.Location().From == offset {
			return true
		}
	}
	return slices.ContainsFunc(children(node), func(child ast.Node) bool { return isCalled(child, name, offset) })
}

// hint suggests what may be meant by a name that is not offered.
func (s *scope) hint(name string, called bool) string {
	if name == "env" {
		return "write ${NAME} outside of expressions"
	}
	known := s.names
	if called {
		known = append(functionNames(), s.names...)
	}
	if near := Nearest(name, known); near != "" {
		return "did you mean " + near + "?"
	}
	return "this trigger offers " + strings.Join(s.names, ", ")
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
	return message
}
