package expression

import (
	"hash/fnv"
	"reflect"
	"strconv"
	"strings"

	"github.com/expr-lang/expr/ast"
	"github.com/expr-lang/expr/checker/nature"
)

// The names of functions that the compiler puts into a tree; they cannot be written in an expression.
const (
	tickName  = "#tick"
	boundName = "#bound"
	emptyName = "#empty"
)

func call(name string, arguments ...ast.Node) *ast.CallNode {
	return &ast.CallNode{Callee: &ast.IdentifierNode{Value: name}, Arguments: arguments}
}

// once is what is changed in a tree before its members are looked at. The checker goes through the whole tree before
// every visitor, so there are few.
type once struct {
	source string
	cycles map[int]string
	data   map[string]any
}

func (o *once) Visit(node *ast.Node) {
	o.environment(node)
	o.ticks(*node)
	o.bounds(node)
	o.nothing(node)
}

// environment hands the data to the functions that need it, and to those that choose what makes one call differ from
// another.
func (o *once) environment(node *ast.Node) {
	if name, ok := dataMember(*node); ok && o.data != nil {
		if _, unknown := o.data[name].(Unknown); unknown {
			ast.Patch(node, call("parse_json", &ast.StringNode{Value: "null"})) // Of no type, as unknown is.
			return
		}
		ast.Patch(node, &ast.ConstantNode{Value: o.data[name]})
		return
	}
	n, ok := (*node).(*ast.CallNode)
	if !ok {
		return
	}
	id, ok := n.Callee.(*ast.IdentifierNode)
	if !ok {
		return
	}
	env := &ast.IdentifierNode{Value: "$env"}
	switch id.Value {
	case "mention", "ago":
		n.Arguments = append([]ast.Node{env}, n.Arguments...)
	case "cycle":
		n.Arguments = append([]ast.Node{env, &ast.StringNode{Value: o.cycles[n.Location().From]}}, n.Arguments...)
	case "capture", "captures":
		compiled(n)
	}
	if chance[id.Value] {
		hash := fnv.New32a()
		_, _ = hash.Write([]byte(o.source))
		salt := &ast.IntegerNode{Value: int(hash.Sum32()) + n.Location().From}
		n.Arguments = append([]ast.Node{env, salt}, n.Arguments...)
	}
}

// ticks makes every turn of a loop count.
func (*once) ticks(node ast.Node) {
	if n, ok := node.(*ast.PredicateNode); ok {
		tick := call(tickName, &ast.IdentifierNode{Value: "$env"})
		tick.SetLocation(n.Location())
		n.Node = &ast.SequenceNode{Nodes: []ast.Node{tick, n.Node}}
	}
}

// bounds checks the size of what can double with every step, and counts the bytes of all texts that are made.
func (*once) bounds(node *ast.Node) {
	made := false
	switch n := (*node).(type) {
	case *ast.BinaryNode:
		made = n.Operator == "+" && !isNumber(n.Type())
	case *ast.BuiltinNode:
		made = makesText[n.Name]
	case *ast.CallNode:
		id, ok := n.Callee.(*ast.IdentifierNode)
		made = ok && makesText[id.Value]
	}
	if made {
		ast.Patch(node, call(boundName, &ast.IdentifierNode{Value: "$env"}, *node))
	}
}

// makesText are the functions that make new texts, or lists that can grow with every step.
var makesText = map[string]bool{
	"flatten": true, "concat": true, "splitAfter": true, "split": true, "join": true, "upper": true, "lower": true,
	"toBase64": true, "fromBase64": true, "string": true, "repeat": true, "replace": true, "json": true, "toJSON": true,
	"text": true, "markdown": true, "sanitize": true, "truncate": true, "hashtags": true, "format": true, "url_encode": true,
	"parse_json": true, "fromJSON": true, "args": true, "capture": true, "captures": true, "shuffle": true,
}

// nothing makes a comparison with [] ask whether a list is empty: expr finds lists of two types unequal, empty or not.
func (*once) nothing(node *ast.Node) {
	n, ok := (*node).(*ast.BinaryNode)
	if !ok || n.Operator != "==" && n.Operator != "!=" {
		return
	}
	list, other := n.Left, n.Right
	if isNothing(list) {
		list, other = other, list
	}
	if !isNothing(other) || !maybeList(list.Type()) {
		return
	}
	asked := ast.Node(call(emptyName, list))
	asked.SetLocation(n.Location())
	if n.Operator == "!=" {
		asked = &ast.UnaryNode{Operator: "not", Node: asked}
	}
	ast.Patch(node, asked)
}

func isNothing(node ast.Node) bool {
	n, ok := node.(*ast.ArrayNode)
	return ok && len(n.Nodes) == 0
}

func maybeList(t reflect.Type) bool {
	return t == nil || t.Kind() == reflect.Interface || t.Kind() == reflect.Slice
}

// members turns event.hashtags into the call of the method Hashtags, event.tag("t") into that of Tag, and makes
// members of what may be absent give nil. Each pass changes what the types of the pass before allow.
type members struct {
	cache   *nature.Cache
	scope   *scope
	changed bool
	guards  int
	// calls are those of the pass. The checker would keep their types and not look at the arguments again.
	calls []*ast.CallNode
}

// Reset begins a pass.
func (m *members) Reset() { m.changed, m.calls = false, m.calls[:0] }

// ShouldRepeat ends a pass: it forgets the types of calls.
func (m *members) ShouldRepeat() bool {
	for _, n := range m.calls {
		n.SetNature(nature.Nature{})
	}
	return m.changed
}

func (m *members) Visit(node *ast.Node) {
	switch n := (*node).(type) {
	case *ast.IdentifierNode:
		m.variable(node, n)
	case *ast.MemberNode:
		m.member(node, n)
	case *ast.CallNode:
		m.calls = append(m.calls, n)
		m.call(node, n)
	}
	if n, ok := (*node).(*ast.CallNode); ok {
		m.calls = append(m.calls, n)
	}
}

func (m *members) variable(node *ast.Node, n *ast.IdentifierNode) {
	if _, ok := m.scope.fields[n.Value]; ok || n.Value == "$env" {
		return
	}
	if method, ok := m.scope.methodsOf(m.scope.data)[n.Value]; ok && method.Name != n.Value && !ofScope(method.Name) {
		n.Value = method.Name
		m.changed = true
		if method.Type.NumIn() == 1 {
			ast.Patch(node, &ast.CallNode{Callee: n})
		}
	}
}

func (m *members) member(node *ast.Node, n *ast.MemberNode) {
	name, ok := n.Property.(*ast.StringNode)
	base := n.Node.Type()
	if !ok || base == nil || base == m.scope.data {
		return
	}
	if _, exact := n.Node.Nature().MethodByName(m.cache, name.Value); exact {
		if method, ok := base.MethodByName(name.Value); ok && !callable(method.Type) {
			name.Value = snake(name.Value) // A name that nothing has: the checker refuses it.
		}
		return
	}
	if method, ok := m.method(n.Node.Nature(), base, name.Value); ok {
		name.Value = method.Name
		m.changed = true
		if !n.Method && method.Type.NumIn() == 1 {
			inner := &ast.CallNode{Callee: n}
			inner.SetLocation(n.Location())
			*node = inner
		}
		return
	}
	chain, chained := n.Node.(*ast.ChainNode)
	if chained {
		n.Node = chain.Node
	}
	absent := base.Kind() == reflect.Pointer && !n.Optional
	if absent {
		n.Optional = true
	}
	if chained || absent {
		m.changed = true
		chain := &ast.ChainNode{Node: n}
		chain.SetLocation(n.Location())
		*node = chain
	}
}

// call makes a method of what may be absent give nil: let #0 = base; #0 == nil ? nil : #0.Method(…).
func (m *members) call(node *ast.Node, n *ast.CallNode) {
	callee, ok := n.Callee.(*ast.MemberNode)
	if !ok || isGuard(callee.Node) {
		return
	}
	name, ok := callee.Property.(*ast.StringNode)
	base := callee.Node.Type()
	if !ok || base == nil || base == m.scope.data || base.Kind() != reflect.Pointer {
		return
	}
	if _, ok := base.MethodByName(name.Value); !ok {
		return
	}
	m.changed = true
	m.guards++
	guard := guardPrefix + strconv.Itoa(m.guards)
	value := callee.Node
	callee.Node = &ast.IdentifierNode{Value: guard}
	callee.Node.SetLocation(n.Location())
	let := &ast.VariableDeclaratorNode{
		Name:  guard,
		Value: value,
		Expr: &ast.ConditionalNode{
			Cond: &ast.BinaryNode{Operator: "==", Left: &ast.IdentifierNode{Value: guard}, Right: &ast.NilNode{}},
			Exp1: &ast.NilNode{},
			Exp2: n,
		},
	}
	let.SetLocation(n.Location())
	*node = let
}

// guardPrefix begins the variables that hold what may be absent.
const guardPrefix = "#absent"

func isGuard(node ast.Node) bool {
	id, ok := node.(*ast.IdentifierNode)
	return ok && strings.HasPrefix(id.Value, guardPrefix)
}

// mayBeAbsent reports whether a node gives nil for what is not there.
func mayBeAbsent(node ast.Node) bool {
	switch n := node.(type) {
	case *ast.ChainNode:
		return true
	case *ast.VariableDeclaratorNode:
		return strings.HasPrefix(n.Name, guardPrefix)
	}
	return false
}

// method finds what a name in snake case means, unless it is a field.
func (m *members) method(of *nature.Nature, t reflect.Type, name string) (reflect.Method, bool) {
	base := of.Deref(m.cache)
	if _, ok := base.FieldByName(m.cache, name); ok || base.Kind == reflect.Map {
		return reflect.Method{}, false
	}
	method, ok := m.scope.methodsOf(t)[name]
	return method, ok && t.Kind() != reflect.Interface
}

// loosen keeps == from expecting a value where there may be nil, and the optimizer from what it cannot do: of
// filter(…)[0] it makes a find whose members nobody finds. It is for the checked tree.
func loosen(node ast.Node) {
	if n, ok := node.(*ast.MemberNode); ok {
		fix(&n.Property)
	}
	if n, ok := node.(*ast.BinaryNode); ok && (n.Operator == "==" || n.Operator == "!=") {
		for _, side := range []ast.Node{n.Left, n.Right} {
			if mayBeAbsent(side) {
				side.SetType(reflect.TypeFor[any]())
			}
		}
	}
	for _, child := range children(node) {
		loosen(child)
	}
}

// fix puts a constant in the place of a written index, which the optimizer leaves alone.
func fix(index *ast.Node) {
	sign, at := 1, *index
	if minus, ok := at.(*ast.UnaryNode); ok && minus.Operator == "-" {
		sign, at = -1, minus.Node
	}
	if number, ok := at.(*ast.IntegerNode); ok {
		ast.Patch(index, &ast.ConstantNode{Value: sign * number.Value})
	}
}
