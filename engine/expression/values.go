package expression

import (
	"maps"
	"slices"
	"strings"

	"github.com/expr-lang/expr/ast"
)

// dataName is the variable whose members are the values of the configuration. They never change, so the compiler
// puts them into the expression itself.
const dataName = "data"

// Unknown is a value of the configuration that cannot be looked at, because only a part of the configuration is there.
// Anything may be in it.
type Unknown struct{}

// dataMember returns the name in data.name.
func dataMember(node ast.Node) (string, bool) {
	member, ok := node.(*ast.MemberNode)
	if !ok {
		return "", false
	}
	id, ok := member.Node.(*ast.IdentifierNode)
	if !ok || id.Value != dataName {
		return "", false
	}
	name, ok := member.Property.(*ast.StringNode)
	if !ok {
		return "", false
	}
	return name.Value, true
}

// data checks that a value of the configuration is there.
func (in *inspection) data(node ast.Node, rest string) {
	name, _, _ := strings.Cut(rest, ".")
	in.own = true
	values := in.compiler.values
	if _, ok := values[name]; ok {
		in.compiler.named[name] = true
		return
	}
	known := slices.Sorted(maps.Keys(values))
	hint := "the configuration offers data." + strings.Join(known, ", data.")
	if near := Nearest(name, known); near != "" && name != "" {
		hint = "did you mean data." + near + "?"
	} else if len(known) == 0 {
		hint = "add the top-level key data: { " + name + ": " + name + ".json }"
	}
	if name == "" {
		in.fail(node, CodeName, "data is no value itself", hint)
		return
	}
	in.fail(node, CodeName, "there is no data."+name+" here", hint)
}
