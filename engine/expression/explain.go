package expression

import (
	"fmt"
	"maps"
	"reflect"
	"slices"

	"github.com/expr-lang/expr/ast"
	"github.com/expr-lang/expr/parser"

	"rhea/engine"
)

// Explanation is a condition or one operand of it, with what came of it for one signal.
type Explanation struct {
	// Source is the operand, in the notation of the language.
	Source string `json:"source"`
	// Value is what it gives; Error is why it gives nothing.
	Value any    `json:"value"`
	Error string `json:"error,omitempty"`
	// Skipped is true when the operands before it had decided already.
	Skipped bool `json:"skipped,omitempty"`
	// Operands are what and, or and not join.
	Operands []Explanation `json:"operands,omitempty"`
	// Values are what the operand looks at, when and, or and not cannot split it further.
	Values []Explanation `json:"values,omitempty"`
}

// Explain evaluates a condition and each of its operands, changing nothing. Operands that the evaluation would not
// have reached are evaluated too, and marked.
func (c *Compiler) Explain(source string, d engine.Data) (Explanation, error) {
	part := Whole(source).Parts[0]
	if _, findings := c.compile(part.Text, part.Offset, wantValue); findings.Err() != nil {
		return Explanation{}, findings.Err()
	}
	tree, err := parser.ParseWithConfig(part.Text, c.scope.configured())
	if err != nil {
		return Explanation{}, err
	}
	e := explainer{c, d}
	out := e.explain(tree.Node, false)
	out.Source = part.Text
	return out, nil
}

// Evaluate compiles and evaluates one expression, changing nothing.
func (c *Compiler) Evaluate(source string, d engine.Data) (any, error) {
	part := Whole(source).Parts[0]
	p, findings := c.compile(part.Text, part.Offset, wantValue)
	if findings.Err() != nil {
		return nil, findings.Err()
	}
	v, err := p.run(copyOf(d))
	return deref(v), err
}

// copyOf copies data, so that an evaluation leaves no trace in it.
func copyOf(d engine.Data) engine.Data {
	copied := reflect.New(reflect.TypeOf(d).Elem())
	copied.Elem().Set(reflect.ValueOf(d).Elem())
	own, ok := reflect.TypeAssert[engine.Data](copied)
	if !ok {
		return d
	}
	engine.ScopeOf(own).Fork()
	return own
}

type explainer struct {
	compiler *Compiler
	data     engine.Data
}

func (e explainer) explain(node ast.Node, skipped bool) Explanation {
	out := e.value(node)
	out.Skipped = skipped
	switch n := node.(type) {
	case *ast.BinaryNode:
		decides, ok := map[string]bool{"and": false, "&&": false, "or": true, "||": true}[n.Operator]
		if !ok {
			out.Values = e.sides(n.Left, n.Right)
			return out
		}
		left := e.explain(n.Left, skipped)
		right := e.explain(n.Right, skipped || left.Error != "" || left.Value == decides)
		// a and b and c is a list of three, not a pair with a pair in it.
		if l, ok := n.Left.(*ast.BinaryNode); ok && l.Operator == n.Operator {
			out.Operands = append(left.Operands, right)
		} else {
			out.Operands = []Explanation{left, right}
		}
	case *ast.UnaryNode:
		if n.Operator == "not" || n.Operator == "!" {
			out.Operands = []Explanation{e.explain(n.Node, skipped)}
			return out
		}
		out.Values = e.sides(node)
	default:
		out.Values = e.sides(node)
	}
	return out
}

// value evaluates a part of the condition by itself.
func (e explainer) value(node ast.Node) Explanation {
	out := Explanation{Source: node.String()}
	v, err := e.compiler.Evaluate(out.Source, e.data)
	if err != nil {
		out.Error = err.Error()
	}
	out.Value = v
	return out
}

// sides shows what a comparison looks at: each side that is no constant, and the variables in it.
func (e explainer) sides(nodes ...ast.Node) []Explanation {
	var out []Explanation
	add := func(x Explanation) {
		if !slices.ContainsFunc(out, func(o Explanation) bool { return o.Source == x.Source }) {
			out = append(out, x)
		}
	}
	for _, node := range nodes {
		uses := e.compiler.inspect(node).uses
		if len(uses) == 0 {
			continue
		}
		if whole := e.value(node); len(nodes) > 1 && whole.Error == "" {
			add(whole)
		}
		for _, name := range slices.Sorted(maps.Keys(uses)) {
			v, err := e.compiler.Evaluate(name, e.data)
			if err == nil && readable(v) {
				add(Explanation{Source: name, Value: v})
			}
		}
	}
	return out
}

// readable reports whether a person can read a value: not a whole event or item.
func readable(v any) bool {
	r := reflect.ValueOf(v)
	return r.Kind() != reflect.Struct && r.Kind() != reflect.Func || r.IsValid() && r.Type() == timeType
}

// Show writes a value as a person reads it, in at most n characters.
func Show(v any, n int) string {
	text, err := toJSON(deref(v))
	if err != nil {
		text = fmt.Sprint(v)
	}
	if runes := []rune(text); len(runes) > n {
		return string(runes[:max(n-1, 0)]) + "…"
	}
	return text
}
