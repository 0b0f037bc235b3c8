package expression

import (
	"fmt"
	"reflect"
	"strings"
)

// maxInput is the size of the texts that functions take, in bytes.
const maxInput = 1 << 20

// argument converts the i-th argument; what is absent is the zero value.
func argument[T any](name string, arguments []any, i int) (T, error) {
	var zero T
	v := deref(arguments[i])
	if v == nil {
		return zero, nil
	}
	if s, ok := v.(string); ok && len(s) > maxInput {
		return zero, fmt.Errorf("%s takes texts of at most %d KiB", name, maxInput>>10)
	}
	if t, ok := v.(T); ok {
		return t, nil
	}
	r := reflect.ValueOf(v)
	want := reflect.TypeFor[T]()
	if r.CanConvert(want) && (r.Kind() == want.Kind() || isNumber(r.Type()) && isNumber(want)) {
		if t, ok := reflect.TypeAssert[T](r.Convert(want)); ok {
			return t, nil
		}
	}
	return zero, fmt.Errorf("%s wants %s here, this is %s", name, article(typeName(want)), describe(v))
}

// bounded keeps results within what other functions take.
func bounded[R any](v R, err error) (any, error) {
	if err != nil {
		return nil, err
	}
	return bound(v)
}

func bound(v any) (any, error) {
	if s, ok := v.(string); ok {
		if len(s) > maxInput {
			return nil, fmt.Errorf("the text is larger than %d KiB", maxInput>>10)
		}
		return v, nil
	}
	if r := reflect.ValueOf(v); r.Kind() == reflect.Slice && r.Len() > MaxElements {
		return nil, fmt.Errorf("the list has more than %d elements", MaxElements)
	}
	return v, nil
}

// accept makes the check for a function with one argument that one of the tests must accept.
func accept(name, wants string, tests ...func(reflect.Type) bool) func([]reflect.Type) (reflect.Type, error) {
	return func(arguments []reflect.Type) (reflect.Type, error) {
		result := reflect.TypeFor[string]()
		if err := count(name, len(arguments), 1, 1); err != nil {
			return nil, err
		}
		for _, test := range tests {
			if test(arguments[0]) {
				return result, nil
			}
		}
		if len(tests) == 0 {
			return result, nil
		}
		return nil, fmt.Errorf("%s wants %s here, this is %s", name, strings.TrimSpace("a "+wants), article(typeName(arguments[0])))
	}
}

func count(name string, have, least, most int) error {
	switch {
	case have < least:
		return fmt.Errorf("not enough arguments to call %s", name)
	case have > most:
		return fmt.Errorf("too many arguments to call %s", name)
	}
	return nil
}

func isText(t reflect.Type) bool { return isKind(t, reflect.String) }

func isList(t reflect.Type) bool { return isKind(t, reflect.Slice, reflect.Array) }

// isKind reports whether a value of type t is, or while it is not known may be, of one of the kinds.
func isKind(t reflect.Type, kinds ...reflect.Kind) bool {
	for t != nil && t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	if t == nil || t.Kind() == reflect.Interface {
		return true
	}
	for _, k := range kinds {
		if t.Kind() == k {
			return true
		}
	}
	return false
}
