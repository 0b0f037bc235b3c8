package expression

import (
	"fmt"
	"reflect"
	"regexp"
	"strings"
	"unicode"

	"github.com/expr-lang/expr/ast"
)

// capturing are the functions whose second argument is a regular expression.
var capturing = map[string]bool{"capture": true, "captures": true}

// capture gives the groups of the first match, or the whole match when the pattern has no groups; nil without a match.
func capture(arguments ...any) (any, error) {
	text, pattern, err := textAndPattern("capture", arguments)
	if err != nil {
		return nil, err
	}
	if found := pattern.FindStringSubmatch(text); found != nil {
		return groups(found), nil
	}
	return nil, nil
}

// captures gives what capture gives for every match.
func captures(arguments ...any) (any, error) {
	text, pattern, err := textAndPattern("captures", arguments)
	if err != nil {
		return nil, err
	}
	all := [][]string{}
	for _, found := range pattern.FindAllStringSubmatch(text, MaxElements+1) {
		all = append(all, groups(found))
	}
	return bound(all)
}

func groups(match []string) []string {
	if len(match) == 1 {
		return match
	}
	return match[1:]
}

func textAndPattern(name string, arguments []any) (string, *regexp.Regexp, error) {
	text, err := argument[string](name, arguments, 0)
	if err != nil {
		return "", nil, err
	}
	if known, ok := arguments[1].(*regexp.Regexp); ok {
		return text, known, nil
	}
	written, err := argument[string](name, arguments, 1)
	if err != nil {
		return "", nil, err
	}
	pattern, err := regexp.Compile(written)
	if err != nil {
		message, _ := plainPattern(err)
		return "", nil, fmt.Errorf("%s: %s", name, message)
	}
	return text, pattern, nil
}

// compiled puts a pattern that is written out into the tree as what it means, so that it is built once.
func compiled(n *ast.CallNode) {
	if len(n.Arguments) != 2 {
		return
	}
	if s, ok := n.Arguments[1].(*ast.StringNode); ok {
		if pattern, err := regexp.Compile(s.Value); err == nil {
			ast.Patch(&n.Arguments[1], &ast.ConstantNode{Value: pattern})
		}
	}
}

func acceptCapture(name string, result reflect.Type) func([]reflect.Type) (reflect.Type, error) {
	return func(arguments []reflect.Type) (reflect.Type, error) {
		if err := count(name, len(arguments), 2, 2); err != nil {
			return nil, err
		}
		for _, a := range arguments {
			if a != reflect.TypeFor[*regexp.Regexp]() && !isText(a) {
				return nil, fmt.Errorf("%s wants a text and a regular expression, this is %s", name, article(typeName(a)))
			}
		}
		return result, nil
	}
}

// closing are the ends of quotations, by how they begin; telephones write the typographic ones.
var closing = map[rune]string{'"': `"`, '\'': `'`, '“': "”“\"", '„': "“”\""}

// args takes a text apart at its spaces. What stands in quotes stays together, and there \ takes a quote or another \ as it
// is; a quote within a word is part of it, and one that is never closed goes to the end.
func args(text string) ([]string, error) {
	all, word := []string{}, []rune(nil)
	begun, ends := false, ""
	rest := []rune(text)
	for i := 0; i < len(rest); i++ {
		r := rest[i]
		switch {
		case ends != "" && r == '\\' && i+1 < len(rest) && strings.ContainsRune(ends+`\`, rest[i+1]):
			i++
			word = append(word, rest[i])
		case ends != "" && strings.ContainsRune(ends, r):
			ends = ""
		case ends == "" && !begun && closing[r] != "":
			begun, ends = true, closing[r]
		case ends == "" && unicode.IsSpace(r):
			if begun {
				all = append(all, string(word))
			}
			begun, word = false, nil
		default:
			begun, word = true, append(word, r)
		}
	}
	if begun {
		all = append(all, string(word))
	}
	return all, nil
}
