package expression

import (
	"maps"
	"reflect"
	"slices"
	"strings"

	"github.com/expr-lang/expr/conf"
)

// scope is what is known of a data type. It is worked out once for all compilers of the type, so they are not for
// concurrent use.
type scope struct {
	data reflect.Type
	// names and types are what it offers on its top level; fields has those that are fields.
	names  []string
	types  map[string]reflect.Type
	fields map[string][]int
	// methods are those of the types that expressions have come upon.
	methods map[reflect.Type]map[string]reflect.Method
	// programs are what was compiled of the type and means the same in every rule.
	programs map[shared]*program
	shape    *shape
	// config is what expr needs of the type; nil until it is needed.
	config *conf.Config
}

func scopeOf(data reflect.Type) *scope {
	s := &scope{
		data: data, types: map[string]reflect.Type{}, fields: fieldsOf(data.Elem()),
		methods: map[reflect.Type]map[string]reflect.Method{}, programs: map[shared]*program{}, shape: &shape{data: data, lists: listsOf(data.Elem())},
	}
	for name, index := range s.fields {
		s.types[name] = data.Elem().FieldByIndex(index).Type
	}
	for name, m := range s.methodsOf(data) {
		if !ofScope(m.Name) {
			s.types[name] = m.Type
			if m.Type.NumIn() == 1 {
				s.types[name] = m.Type.Out(0)
			}
		}
	}
	s.names = slices.Sorted(maps.Keys(s.types))
	return s
}

// methodsOf returns the methods of a type that an expression can call, in snake case.
func (s *scope) methodsOf(t reflect.Type) map[string]reflect.Method {
	methods, ok := s.methods[t]
	if !ok {
		methods = methodsOf(t)
		s.methods[t] = methods
	}
	return methods
}

// shared names a program: by what was written, and what it is used for.
type shared struct {
	source string
	want   want
}

// configured returns what expr needs of the type. The compiler's own visitors are set for every expression.
func (s *scope) configured() *conf.Config {
	if s.config == nil {
		s.config = conf.CreateNew()
		s.config.WithEnv(reflect.New(s.data.Elem()).Interface())
		s.config.MaxNodes = MaxNodes
		for _, f := range functions() {
			s.config.Functions[f.Name] = f
		}
	}
	return s.config
}

// hint suggests what may be meant by a name that is not offered.
func (s *scope) hint(name string, called, operand bool) string {
	return unknown{name: name, called: called, operand: operand, names: s.names, members: s.members(), functions: functionNames()}.hint()
}

// members are the paths of what its variables have.
func (s *scope) members() (paths []string) {
	for _, of := range s.names {
		for _, m := range membersOf(of, s.types[of]) {
			paths = append(paths, m.Path)
		}
	}
	return paths
}

// variable returns our name for what stands between braces; "" for what is none.
func (s *scope) variable(name string) string {
	members := s.members()
	if template, ok := strings.CutPrefix(name, "."); ok {
		name = snake(template)
	}
	root, _, member := strings.Cut(name, ".")
	switch {
	case !slices.Contains(s.names, root) && !member:
		return unknown{name: name, called: true, members: members, names: s.names}.member()
	case !slices.Contains(s.names, root), member && root != "outputs" && !slices.Contains(members, name):
		return ""
	}
	return name
}
