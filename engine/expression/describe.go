package expression

import (
	"reflect"
	"strings"
	"time"
)

var (
	timeType     = reflect.TypeFor[time.Time]()
	durationType = reflect.TypeFor[time.Duration]()
)

// describe names a value in plain words.
func describe(v any) string {
	if v == nil {
		return "nothing (nil)"
	}
	return article(typeName(reflect.TypeOf(v)))
}

func article(name string) string {
	if name == "nil" || name == "anything" || name == "true or false" {
		return name
	}
	if strings.ContainsRune("aeiou", rune(name[0])) {
		return "an " + name
	}
	return "a " + name
}

// typeName names a type as people who do not write Go would.
func typeName(t reflect.Type) string {
	if t == nil {
		return "anything"
	}
	switch t {
	case timeType:
		return "time"
	case durationType:
		return "duration"
	}
	switch t.Kind() {
	case reflect.Pointer:
		return typeName(t.Elem())
	case reflect.String:
		return "string"
	case reflect.Bool:
		return "true or false"
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64,
		reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64,
		reflect.Float32, reflect.Float64:
		return "number"
	case reflect.Slice, reflect.Array:
		if t.Elem().Kind() == reflect.Interface {
			return "list"
		}
		return "list of " + plural(typeName(t.Elem()))
	case reflect.Map:
		return "map"
	case reflect.Func:
		return "function"
	case reflect.Interface:
		return "anything"
	}
	if t.Name() == "" {
		return "structure"
	}
	return snake(t.Name())
}

func plural(name string) string {
	first, rest, nested := strings.Cut(name, " of ")
	switch {
	case name == "true or false" || name == "anything":
		return name
	case nested:
		return first + "s of " + rest
	}
	return name + "s"
}

func isNumber(t reflect.Type) bool {
	return t != nil && reflect.Int <= t.Kind() && t.Kind() <= reflect.Float64
}
