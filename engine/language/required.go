package language

import (
	"errors"
	"reflect"
	"slices"

	"rhea/engine"
	"rhea/engine/config"
)

// needsOf asks a kind what it cannot be built without: it is built with its defaults, and then with every other key
// in turn to see whether that stands in for what is missing.
func (l *Language) needsOf(t reflect.Type, defaults any, build func(any) error) []need {
	if t.Kind() != reflect.Struct {
		return nil
	}
	bare := reflect.New(t).Elem()
	if defaults != nil {
		bare.Set(reflect.ValueOf(defaults))
	}
	var needs []need
	for _, key := range missing(build(bare.Interface())) {
		n := need{key}
		for _, f := range config.Fields(t) {
			with := reflect.New(t).Elem()
			with.Set(bare)
			if f.Name != key && l.fill(with.FieldByIndex(f.Index)) && !slices.Contains(missing(build(with.Interface())), key) {
				n = append(n, f.Name)
			}
		}
		needs = append(needs, n)
	}
	return needs
}

// missing lists the keys that an error calls required.
func missing(err error) []string {
	var keys []string
	var field *engine.FieldError
	if many, ok := err.(interface{ Unwrap() []error }); ok {
		for _, one := range many.Unwrap() {
			keys = append(keys, missing(one)...)
		}
	} else if errors.As(err, &field) && errors.Is(field.Err, engine.ErrRequired) {
		keys = append(keys, field.Path)
	}
	return keys
}

// fill puts some value into a field.
func (l *Language) fill(v reflect.Value) bool {
	if special, ok := l.types[v.Type()]; ok {
		v.Set(reflect.ValueOf(special.Sample))
		return true
	}
	switch v.Kind() {
	case reflect.String:
		v.SetString("x")
	case reflect.Bool:
		v.SetBool(true)
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		v.SetInt(9999) // No default, and as an event kind one with no rules of its own.
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 1, 1))
	default:
		return false
	}
	return true
}
