package expression

import (
	"fmt"
	"slices"
	"strings"

	"github.com/expr-lang/expr/ast"
)

// inspection is what an expression's tree shows before any type is known.
type inspection struct {
	compiler *Compiler
	findings Findings
	uses     map[string]bool
	loops    bool
	costly   bool
	// own is true when it names what another rule or file has under the same name: outputs and data.
	own bool
	// varies is true when chance decides.
	varies bool
	// cycles names the cycle of each call, by the place of the call.
	cycles map[int]string
}

// costly are the functions whose time grows faster than their input, or whose input may be large.
var costly = map[string]bool{
	"uniq": true, "sort": true, "flatten": true, "median": true, "mean": true, "concat": true, "keys": true,
	"values": true, "toPairs": true, "fromPairs": true, "reverse": true, "fromJSON": true, "toJSON": true,
	"parse_json": true, "json": true, "text": true, "markdown": true, "replace": true, "repeat": true, "sanitize": true, "cycle": true,
	"captures": true, "shuffle": true, "args": true,
}

func (c *Compiler) inspect(root ast.Node) *inspection {
	in := &inspection{compiler: c, uses: map[string]bool{}, cycles: map[int]string{}}
	in.visit(root, nil)
	return in
}

// visit walks the tree; around holds the paths of the lists that the loops around the node go through.
func (in *inspection) visit(node ast.Node, around []string) {
	switch n := node.(type) {
	case *ast.IdentifierNode, *ast.MemberNode, *ast.ChainNode:
		if in.member(node, around) {
			return
		}
	case *ast.CallNode:
		if id, ok := n.Callee.(*ast.IdentifierNode); ok {
			in.costly, in.varies = in.costly || costly[id.Value], in.varies || chance[id.Value]
			if capturing[id.Value] && len(n.Arguments) == 2 {
				in.pattern(n.Arguments[0], n.Arguments[1])
			}
			in.findings = slices.Concat(in.findings, misnamed(id.Value, n.Arguments), layout(id.Value, n.Arguments))
			if id.Value == "cycle" && len(n.Arguments) == 1 {
				in.cycles[n.Location().From] = in.compiler.cycleName(n.Arguments[0])
			}
		}
	case *ast.BinaryNode:
		in.findings = append(in.findings, neverEqual(n)...)
		if n.Operator == "matches" {
			in.pattern(n.Left, n.Right)
		}
	case *ast.BuiltinNode:
		in.costly = in.costly || costly[n.Name]
		in.builtin(n, around)
		return
	}
	for _, child := range children(node) {
		in.visit(child, around)
	}
}

func (in *inspection) builtin(n *ast.BuiltinNode, around []string) {
	for i, arg := range n.Arguments {
		predicate, ok := arg.(*ast.PredicateNode)
		if !ok {
			in.visit(arg, around)
			continue
		}
		in.loops = true
		over := "?"
		if i > 0 {
			if p, ok := path(n.Arguments[0]); ok {
				over = p
			}
		}
		inner := append(slices.Clone(around), over)
		in.nesting(n, inner)
		in.visit(predicate.Node, inner)
	}
}

func (in *inspection) nesting(n *ast.BuiltinNode, loops []string) {
	if len(loops) > MaxLoops {
		in.fail(n, CodeLoop, fmt.Sprintf("loops are nested %d deep here, %d is the most", len(loops), MaxLoops),
			"take the inner loop apart with let, or use in, contains or any")
		return
	}
	if len(loops) == 2 && slices.Contains(loops, "event.tags") {
		in.findings = append(in.findings, Finding{
			Warning: true, Code: CodeLoop, Offset: n.Location().From,
			Message: "a loop inside a loop over event.tags is slow for events with many tags",
			Hint:    "event.tags_of(\"t\") gives the values of one tag without a loop",
		})
	}
}

func (in *inspection) fail(node ast.Node, code, message, hint string) {
	in.findings = append(in.findings, Finding{Code: code, Offset: node.Location().From, Message: message, Hint: hint})
}

// pattern checks a regular expression that is known beforehand; any other may be expensive.
func (in *inspection) pattern(text, written ast.Node) {
	in.findings = append(in.findings, pattern(text, written)...)
	if _, ok := written.(*ast.StringNode); !ok {
		in.costly = true
		if names(written) {
			in.findings = append(in.findings, Finding{
				Warning: true, Code: CodePattern, Offset: written.Location().From,
				Message: "this regular expression is built anew for every signal, which is slow",
				Hint:    "write the pattern as a text, or use contains or in for plain words",
			})
		}
	}
}

// member notes the use of a variable and reports whether node was one, with all its members.
func (in *inspection) member(node ast.Node, around []string) bool {
	p, ok := path(node)
	if !ok {
		// A computed member: all of what it is a member of may be used.
		return false
	}
	root, rest, _ := strings.Cut(p, ".")
	if root == dataName && in.compiler.scope.types[root] == nil {
		in.data(outputMember(node), rest)
		return true
	}
	t, known := in.compiler.scope.types[root]
	if root == "$env" || !known && in.compiler.hides(root) {
		in.fail(first(node), CodeForbidden, root+" is not offered", in.compiler.scope.hint(root, false, false))
		return true
	}
	if known && t != nil {
		in.uses[p] = true
	}
	if root == "outputs" && rest != "" {
		in.output(outputMember(node), rest)
	}
	return true
}

func (in *inspection) output(node ast.Node, rest string) {
	id, _, _ := strings.Cut(rest, ".")
	in.own = true
	have := in.compiler.outputs
	switch {
	case have == nil:
		in.fail(node, CodeOutput, "no action has run here, so there is no outputs."+id, "")
	case slices.Contains(have.known, id):
	case slices.Contains(have.later, id):
		in.fail(node, CodeOutput, "outputs."+id+" is used before the action with this id has run",
			"actions run in order: move it up")
	default:
		hint := "give an earlier action this id"
		if near := Nearest(id, have.known); near != "" {
			hint = "did you mean outputs." + near + "?"
		}
		in.fail(node, CodeOutput, "no earlier action has the id "+id, hint)
	}
}
