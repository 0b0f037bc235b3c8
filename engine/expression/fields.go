package expression

import (
	"reflect"
	"strings"
	"unicode"

	"rhea/engine"
)

func marshals(method string) bool {
	return strings.HasPrefix(method, "Marshal") || strings.HasPrefix(method, "Unmarshal") || method == "String"
}

// ofScope reports whether a method is the engine's own business.
func ofScope(method string) bool {
	_, ok := reflect.TypeFor[*engine.Scope]().MethodByName(method)
	return ok
}

// fieldsOf returns the fields of a struct by the names that expressions know, those of embedded structs included.
func fieldsOf(t reflect.Type) map[string][]int {
	fields := map[string][]int{}
	for _, f := range reflect.VisibleFields(t) {
		name := f.Tag.Get("expr")
		if !f.IsExported() || f.Anonymous || name == "-" {
			continue
		}
		if name == "" {
			name = f.Name
		}
		if old, ok := fields[name]; !ok || len(f.Index) < len(old) {
			fields[name] = f.Index
		}
	}
	return fields
}

// methodsOf returns the methods of a type that an expression can call, in snake case.
func methodsOf(t reflect.Type) map[string]reflect.Method {
	methods := map[string]reflect.Method{}
	for m := range t.Methods() {
		if callable(m.Type) {
			methods[snake(m.Name)] = m
		}
	}
	return methods
}

// callable reports whether a function returns one value, or one and an error.
func callable(f reflect.Type) bool {
	switch f.NumOut() {
	case 1:
		return true
	case 2:
		return f.Out(1) == reflect.TypeFor[error]()
	}
	return false
}

// snake writes ParentID as parent_id.
func snake(name string) string {
	var b strings.Builder
	rs := []rune(name)
	for i, r := range rs {
		if unicode.IsUpper(r) && i > 0 && (unicode.IsLower(rs[i-1]) || unicode.IsDigit(rs[i-1]) ||
			i+1 < len(rs) && unicode.IsUpper(rs[i-1]) && unicode.IsLower(rs[i+1])) {
			b.WriteByte('_')
		}
		b.WriteRune(unicode.ToLower(r))
	}
	return b.String()
}
