package expression

import (
	"reflect"
	"slices"
	"strconv"
	"strings"

	"github.com/expr-lang/expr/ast"
)

// Name is one thing that expressions may use.
type Name struct {
	// Path is how it is written: "event.content".
	Path string
	// Type names its type in plain words.
	Type string
	// Method names have parameters.
	Method bool
	// Source is the field or method in Go, such as rhea/triggers/events.Event.Hashtags, where its documentation stands.
	Source string
}

// Names lists what a type of data offers, two levels deep, sorted.
func Names(data reflect.Type) []Name {
	s := scopeOf(data)
	var all []Name
	for _, name := range s.names {
		t := s.types[name]
		top := Name{Path: name, Type: typeName(t)}
		if index, ok := s.fields[name]; ok {
			top.Source = fieldSource(data.Elem(), index)
		}
		all = append(all, top)
		all = append(all, membersOf(name, t)...)
	}
	return all
}

func membersOf(of string, t reflect.Type) []Name {
	if t == timeType || t == durationType {
		return nil
	}
	var all []Name
	base := t
	if base.Kind() == reflect.Pointer {
		base = base.Elem()
	}
	if base.Kind() == reflect.Struct {
		for name, index := range fieldsOf(base) {
			all = append(all, Name{
				Path: of + "." + name, Type: typeName(base.FieldByIndex(index).Type), Source: fieldSource(base, index),
			})
		}
	}
	for name, m := range methodsOf(t) {
		if marshals(m.Name) {
			continue
		}
		all = append(all, Name{
			Path: of + "." + name, Type: typeName(m.Type.Out(0)), Method: m.Type.NumIn() > 1,
			Source: base.PkgPath() + "." + base.Name() + "." + m.Name,
		})
	}
	slices.SortFunc(all, func(a, b Name) int { return strings.Compare(a.Path, b.Path) })
	return all
}

// fieldSource names the field of a struct in Go, by the type that declares it.
func fieldSource(t reflect.Type, index []int) string {
	for ; len(index) > 1; index = index[1:] {
		if t = t.Field(index[0]).Type; t.Kind() == reflect.Pointer {
			t = t.Elem()
		}
	}
	return t.PkgPath() + "." + t.Name() + "." + t.Field(index[0]).Name
}

// memberFinding names the member that is missing, and the nearest one there is.
func memberFinding(root ast.Node, offset int, of, name string) (message, hint string) {
	n := memberAt(root, offset, name)
	if n == nil {
		return of + " has no " + name, ""
	}
	if p, ok := path(n.Node); ok {
		of = p
	}
	var names []string
	for _, m := range membersOf("", n.Node.Type()) {
		names = append(names, strings.TrimPrefix(m.Path, "."))
	}
	if word := instead(n.Node.Type(), of, name); word != "" {
		hint = "write " + word
	} else if near := Nearest(name, names); near != "" {
		hint = "did you mean " + near + "?"
	} else if len(names) > 0 {
		hint = "it has " + strings.Join(names, ", ")
	}
	return of + " has no " + name, hint
}

// instead is what to write for a member that other languages have: of a text, of a list, or a method of a time.
func instead(t reflect.Type, of, name string) string {
	for t != nil && t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	switch {
	case t == timeType:
		for m := range timeType.Methods() {
			if strings.EqualFold(m.Name, strings.ReplaceAll(name, "_", "")) && m.Type.NumIn() == 1 {
				return of + "." + m.Name + "()"
			}
		}
	case t != nil && (t.Kind() == reflect.String || t.Kind() == reflect.Slice):
		return foreignMember(of, name, t.Kind() == reflect.Slice)
	}
	return ""
}

// listMember suggests what may be meant by a list that has a member with a name.
func listMember(root ast.Node, offset int) string {
	n, ok := root.(*ast.MemberNode)
	if !ok || n.Property.Location().From != offset {
		for _, child := range children(root) {
			if hint := listMember(child, offset); hint != "" {
				return hint
			}
		}
		return ""
	}
	name, ok := n.Property.(*ast.StringNode)
	of, known := writtenPath(n.Node)
	if !ok || !known {
		return ""
	}
	if event, ok := strings.CutSuffix(of, ".tags"); ok {
		return "write " + event + ".tag(" + strconv.Quote(name.Value) + "), or tags_of for all values"
	}
	if word := foreignMember(of, name.Value, true); word != "" {
		return "write " + word
	}
	return ""
}

// writtenPath is path for a tree in which members have become calls of methods.
func writtenPath(node ast.Node) (string, bool) {
	if call, ok := node.(*ast.CallNode); ok && len(call.Arguments) == 0 {
		p, known := path(call.Callee)
		i := strings.LastIndexByte(p, '.') + 1
		return p[:i] + snake(p[i:]), known
	}
	return path(node)
}
