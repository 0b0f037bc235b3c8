package expression

import (
	"slices"

	"github.com/expr-lang/expr/ast"
)

// What follows reads the tree of an expression without knowing any type.

// path writes a variable with its members as "event.content".
func path(node ast.Node) (string, bool) {
	switch n := node.(type) {
	case *ast.IdentifierNode:
		return n.Value, true
	case *ast.ChainNode:
		return path(n.Node)
	case *ast.MemberNode:
		name, ok := n.Property.(*ast.StringNode)
		if !ok {
			return "", false
		}
		base, ok := path(n.Node)
		return base + "." + name.Value, ok
	}
	return "", false
}

// first returns the variable at the beginning of a path.
func first(node ast.Node) ast.Node {
	switch n := node.(type) {
	case *ast.ChainNode:
		return first(n.Node)
	case *ast.MemberNode:
		return first(n.Node)
	case *ast.CallNode:
		return first(n.Callee)
	}
	return node
}

func children(node ast.Node) []ast.Node {
	switch n := node.(type) {
	case *ast.UnaryNode:
		return []ast.Node{n.Node}
	case *ast.BinaryNode:
		return []ast.Node{n.Left, n.Right}
	case *ast.ChainNode:
		return []ast.Node{n.Node}
	case *ast.MemberNode:
		return []ast.Node{n.Node, n.Property}
	case *ast.SliceNode:
		list := []ast.Node{n.Node}
		if n.From != nil {
			list = append(list, n.From)
		}
		if n.To != nil {
			list = append(list, n.To)
		}
		return list
	case *ast.CallNode:
		return append([]ast.Node{n.Callee}, n.Arguments...)
	case *ast.BuiltinNode:
		return n.Arguments
	case *ast.PredicateNode:
		return []ast.Node{n.Node}
	case *ast.VariableDeclaratorNode:
		return []ast.Node{n.Value, n.Expr}
	case *ast.SequenceNode:
		return n.Nodes
	case *ast.ConditionalNode:
		return []ast.Node{n.Cond, n.Exp1, n.Exp2}
	case *ast.ArrayNode:
		return n.Nodes
	case *ast.MapNode:
		return n.Pairs
	case *ast.PairNode:
		return []ast.Node{n.Key, n.Value}
	}
	return nil
}

// names reports whether an expression names a variable.
func names(node ast.Node) bool {
	if _, ok := node.(*ast.IdentifierNode); ok {
		return true
	}
	return slices.ContainsFunc(children(node), names)
}

// outputMember returns the part of outputs.price.body that ends in the action's id.
func outputMember(node ast.Node) ast.Node {
	for {
		switch n := node.(type) {
		case *ast.ChainNode:
			node = n.Node
			continue
		case *ast.MemberNode:
			if _, ok := n.Node.(*ast.IdentifierNode); !ok {
				node = n.Node
				continue
			}
		}
		return node
	}
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

// isOperand reports whether the name at an offset is what something is compared with.
func isOperand(node ast.Node, offset int) bool {
	if n, ok := node.(*ast.BinaryNode); ok && n.Operator != "and" && n.Operator != "or" && n.Operator != "&&" && n.Operator != "||" {
		if id, ok := n.Right.(*ast.IdentifierNode); ok && id.Location().From == offset {
			return true
		}
	}
	return slices.ContainsFunc(children(node), func(child ast.Node) bool { return isOperand(child, offset) })
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
