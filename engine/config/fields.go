package config

import (
	"reflect"
	"slices"
	"strings"
)

// fields are the keys of a struct.
type fields struct {
	names []string
	index map[string][]int
}

func fieldsOf(t reflect.Type) fields {
	f := fields{index: map[string][]int{}}
	for _, field := range reflect.VisibleFields(t) {
		name, _, _ := strings.Cut(field.Tag.Get("yaml"), ",")
		if !field.IsExported() || field.Anonymous || name == "-" {
			continue
		}
		if name == "" {
			name = strings.ToLower(field.Name)
		}
		f.index[name] = field.Index
		f.names = append(f.names, name)
	}
	slices.Sort(f.names)
	return f
}
