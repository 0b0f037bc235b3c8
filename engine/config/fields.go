package config

import (
	"reflect"
	"slices"
	"strings"
)

// Field is a key of a struct.
type Field struct {
	Name string
	// Index is where the field is, for [reflect.Value.FieldByIndex].
	Index []int
	Type  reflect.Type
	// Source is the field in Go, such as rhea/triggers/feed.Config.URL, where its documentation stands.
	Source string
	// Choices are the words that may be written; nil when any may.
	Choices []string
}

// Fields lists the keys of a struct in the order of its code, those of embedded structs included.
func Fields(t reflect.Type) []Field {
	var all []Field
	for _, f := range reflect.VisibleFields(t) {
		name, ok := keyName(f)
		if !ok {
			continue
		}
		owner := t
		if len(f.Index) > 1 {
			owner = t.FieldByIndex(f.Index[:len(f.Index)-1]).Type
		}
		field := Field{Name: name, Index: f.Index, Type: f.Type, Source: owner.PkgPath() + "." + owner.Name() + "." + f.Name}
		if choices, ok := f.Tag.Lookup("enum"); ok {
			field.Choices = strings.Split(choices, ",")
		}
		all = append(all, field)
	}
	return all
}

// fields are the keys of a struct, by name.
type fields struct {
	names []string
	index map[string][]int
}

// shapes remembers the keys of the structs that were decoded into.
type shapes map[reflect.Type]fields

func (s shapes) of(t reflect.Type) fields {
	f, ok := s[t]
	if !ok {
		f = fieldsOf(t)
		s[t] = f
	}
	return f
}

func fieldsOf(t reflect.Type) fields {
	f := fields{index: map[string][]int{}}
	for _, field := range reflect.VisibleFields(t) {
		name, ok := keyName(field)
		if !ok {
			continue
		}
		f.index[name] = field.Index
		f.names = append(f.names, name)
	}
	slices.Sort(f.names)
	return f
}

// keyName returns the key of a field, false when it has none.
func keyName(field reflect.StructField) (string, bool) {
	name, _, _ := strings.Cut(field.Tag.Get("yaml"), ",")
	if !field.IsExported() || field.Anonymous || name == "-" {
		return "", false
	}
	if name == "" {
		name = strings.ToLower(field.Name)
	}
	return name, true
}
