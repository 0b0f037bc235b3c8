package expression

import (
	"reflect"
	"slices"
	"strings"

	"github.com/expr-lang/expr/ast"
)

// wordsTag marks the fields of data that hold strangers' free words: `words:"free"`.
const wordsTag = "words"

// passOn are the functions whose result still does what the words in it would do.
var passOn = map[string]bool{
	"text": true, "markdown": true, "truncate": true, "replace": true, "repeat": true, "trim": true, "trimPrefix": true,
	"trimSuffix": true, "upper": true, "lower": true, "split": true, "splitAfter": true, "join": true, "string": true,
	"concat": true, "first": true, "last": true, "take": true, "reverse": true, "pick": true,
	"capture": true, "captures": true, "args": true, "shuffle": true,
}

// words finds the variables with strangers' free words that become part of the result as they are.
type words struct {
	data  reflect.Type
	bound map[string]ast.Node
	seen  map[ast.Node]bool
	found []string
}

func (c *Compiler) wordsIn(root ast.Node) []string {
	w := words{data: c.data, bound: map[string]ast.Node{}, seen: map[ast.Node]bool{}}
	w.visit(root)
	slices.Sort(w.found)
	return slices.Compact(w.found)
}

// visit follows what can become the result of a node.
func (w *words) visit(node ast.Node) {
	if w.seen[node] {
		return
	}
	w.seen[node] = true
	if p, ok := path(node); ok {
		if value, is := w.bound[p]; is {
			w.visit(value)
		} else if free(w.data, strings.Split(p, ".")) {
			w.found = append(w.found, p)
		}
		return
	}
	for _, part := range w.results(node) {
		w.visit(part)
	}
}

// results are the parts of a node of which its result is made.
func (w *words) results(node ast.Node) []ast.Node {
	switch n := node.(type) {
	case *ast.BinaryNode:
		if n.Operator == "+" || n.Operator == "??" {
			return []ast.Node{n.Left, n.Right}
		}
	case *ast.ConditionalNode:
		return []ast.Node{n.Exp1, n.Exp2}
	case *ast.VariableDeclaratorNode:
		w.bound[n.Name] = n.Value
		return []ast.Node{n.Expr}
	case *ast.SliceNode:
		return []ast.Node{n.Node}
	case *ast.MemberNode:
		return []ast.Node{n.Node}
	case *ast.ChainNode:
		return []ast.Node{n.Node}
	case *ast.ArrayNode:
		return n.Nodes
	case *ast.CallNode:
		if id, ok := n.Callee.(*ast.IdentifierNode); ok && passOn[id.Value] {
			return n.Arguments
		}
	case *ast.BuiltinNode:
		if passOn[n.Name] {
			return n.Arguments
		}
	}
	return nil
}

// free reports whether a path leads to a field with the tag.
func free(t reflect.Type, names []string) bool {
	for i, name := range names {
		for t.Kind() == reflect.Pointer {
			t = t.Elem()
		}
		if t.Kind() != reflect.Struct {
			return false
		}
		index, ok := fieldsOf(t)[name]
		if !ok {
			return false
		}
		f := t.FieldByIndex(index)
		if i == len(names)-1 {
			return f.Tag.Get(wordsTag) == "free"
		}
		t = f.Type
	}
	return false
}
