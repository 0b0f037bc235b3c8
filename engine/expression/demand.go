package expression

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/expr-lang/expr/ast"
	"github.com/expr-lang/expr/parser"
)

// Demand is what a condition asks of one value so plainly that it can be compared with other demands.
type Demand struct {
	// Subject is the value, as an expression: "event.kind", "len(event.content)".
	Subject string
	// Offset is where it is asked, in runes of the source.
	Offset int
	// OneOf are the values allowed, numbers as float64; nil when any is.
	OneOf []any
	// Least and Most bound a number; Open is true when the bounds themselves are not allowed.
	Least, Most         float64
	OpenLeast, OpenMost bool
}

// Demands lists what an expression asks in parts that are joined by "and". It is for a source that compiles.
func Demands(source string) []Demand {
	whole := Whole(source).Parts[0]
	tree, err := parser.Parse(whole.Text)
	if err != nil {
		return nil
	}
	all := demandsOf(tree.Node, nil)
	for i := range all {
		all[i].Offset += whole.Offset
	}
	return all
}

func demandsOf(node ast.Node, all []Demand) []Demand {
	n, ok := node.(*ast.BinaryNode)
	if !ok {
		return all
	}
	if n.Operator == "and" || n.Operator == "&&" {
		return demandsOf(n.Right, demandsOf(n.Left, all))
	}
	subject, other, operator := n.Left, n.Right, n.Operator
	if _, ok := literalOf(subject); ok {
		subject, other, operator = other, subject, mirrored(operator)
	}
	d := Demand{Subject: subject.String(), Offset: first(subject).Location().From, Least: math.Inf(-1), Most: math.Inf(1)}
	value, known := literalOf(other)
	number, isNumber := value.(float64)
	switch {
	case operator == "==" && known:
		d.OneOf = []any{value}
	case operator == "in":
		list, ok := other.(*ast.ArrayNode)
		if !ok {
			return all
		}
		for _, e := range list.Nodes {
			v, ok := literalOf(e)
			if !ok {
				return all
			}
			d.OneOf = append(d.OneOf, v)
		}
	case isNumber && strings.HasPrefix(operator, ">"):
		d.Least, d.OpenLeast = number, operator == ">"
	case isNumber && strings.HasPrefix(operator, "<"):
		d.Most, d.OpenMost = number, operator == "<"
	default:
		return all
	}
	return append(all, d)
}

func mirrored(operator string) string {
	switch operator[0] {
	case '<':
		return ">" + operator[1:]
	case '>':
		return "<" + operator[1:]
	}
	return operator
}

// literalOf returns the value of a literal.
func literalOf(node ast.Node) (any, bool) {
	switch n := node.(type) {
	case *ast.IntegerNode:
		return float64(n.Value), true
	case *ast.FloatNode:
		return n.Value, true
	case *ast.StringNode:
		return n.Value, true
	case *ast.BoolNode:
		return n.Value, true
	case *ast.UnaryNode:
		if v, ok := literalOf(n.Node); ok && n.Operator == "-" {
			f, ok := v.(float64)
			return -f, ok
		}
	}
	return nil, false
}

// Contradicts reports whether no value can meet both demands.
func (d Demand) Contradicts(other Demand) bool {
	if d.Subject != other.Subject {
		return false
	}
	_, ok := d.And(other)
	return !ok
}

// And returns what meets both demands of one subject. False means that nothing does.
func (d Demand) And(other Demand) (both Demand, ok bool) {
	both = d
	if d.OneOf != nil || other.OneOf != nil {
		both.OneOf = d.allowed(other)
		return both, len(both.OneOf) > 0
	}
	if other.Least > d.Least || other.Least == d.Least && other.OpenLeast {
		both.Least, both.OpenLeast = other.Least, other.OpenLeast
	}
	if other.Most < d.Most || other.Most == d.Most && other.OpenMost {
		both.Most, both.OpenMost = other.Most, other.OpenMost
	}
	return both, both.Least < both.Most || both.Least == both.Most && both.allows(both.Least)
}

// allowed are the values of either list that both demands allow.
func (d Demand) allowed(other Demand) []any {
	if d.OneOf == nil {
		d, other = other, d
	}
	allows := other.allows
	if other.OneOf != nil {
		known := make(map[any]bool, len(other.OneOf))
		for _, v := range other.OneOf {
			known[v] = true
		}
		allows = func(v any) bool { return known[v] }
	}
	return slices.DeleteFunc(slices.Clone(d.OneOf), func(v any) bool { return !allows(v) })
}

// allows reports whether a value is within the bounds.
func (d Demand) allows(v any) bool {
	f, ok := v.(float64)
	return ok && (f > d.Least || f == d.Least && !d.OpenLeast) && (f < d.Most || f == d.Most && !d.OpenMost)
}

// String describes what the value must be: "1 or 7", "less than 10".
func (d Demand) String() string {
	switch {
	case d.OneOf != nil:
		words := make([]string, 0, len(d.OneOf))
		for _, v := range d.OneOf {
			if s, ok := v.(string); ok {
				v = fmt.Sprintf("%q", s)
			}
			words = append(words, fmt.Sprint(v))
		}
		return strings.Join(words, " or ")
	case !math.IsInf(d.Least, -1) && d.OpenLeast:
		return fmt.Sprintf("more than %v", d.Least)
	case !math.IsInf(d.Least, -1):
		return fmt.Sprintf("at least %v", d.Least)
	case d.OpenMost:
		return fmt.Sprintf("less than %v", d.Most)
	}
	return fmt.Sprintf("at most %v", d.Most)
}
