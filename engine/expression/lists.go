package expression

import (
	"reflect"
	"slices"
)

// listsOf finds the lists that a struct holds, however deep in it: the fields that lead to each.
func listsOf(t reflect.Type, within ...reflect.Type) [][]int {
	if slices.Contains(within, t) {
		return nil
	}
	var all [][]int
	for _, f := range reflect.VisibleFields(t) {
		if !f.IsExported() || f.Anonymous || f.Tag.Get("expr") == "-" {
			continue
		}
		inner := f.Type
		if inner.Kind() == reflect.Pointer {
			inner = inner.Elem()
		}
		switch inner.Kind() {
		case reflect.Slice:
			if f.Type == inner {
				all = append(all, f.Index)
			}
		case reflect.Struct:
			for _, path := range listsOf(inner, append(within, t)...) {
				all = append(all, slices.Concat(f.Index, path))
			}
		}
	}
	return all
}

// fillLists puts an empty list where there is none, so that an expression that counts or searches it finds nothing
// instead of failing: expr takes a list that is nil for a value that is absent. What is absent as a whole stays so.
func fillLists(data reflect.Value, paths [][]int) {
	for _, path := range paths {
		if list := at(data, path); list.IsValid() && list.IsNil() {
			list.Set(reflect.MakeSlice(list.Type(), 0, 0))
		}
	}
}

// at follows a path of fields; it is not valid where something on the way is absent.
func at(v reflect.Value, path []int) reflect.Value {
	for _, i := range path {
		if v.Kind() == reflect.Pointer {
			if v.IsNil() {
				return reflect.Value{}
			}
			v = v.Elem()
		}
		v = v.Field(i)
	}
	return v
}

// empty reports whether its argument is a list with nothing in it.
func empty(arguments ...any) (any, error) {
	list := reflect.ValueOf(deref(arguments[0]))
	return list.Kind() == reflect.Slice && list.Len() == 0, nil
}
