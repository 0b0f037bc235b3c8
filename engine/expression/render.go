package expression

import (
	"encoding"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"reflect"
	"strconv"
	"strings"
	"time"
)

// Render writes a value into a text: nil is empty, a list of scalars is joined with ", ", a whole number has no
// fraction and no exponent, a time is RFC 3339, what has structure is JSON.
func Render(v any) (string, error) {
	switch v := v.(type) {
	case nil:
		return "", nil
	case string:
		return v, nil
	case int:
		return strconv.Itoa(v), nil
	case bool:
		return strconv.FormatBool(v), nil
	case float64:
		return number(v), nil
	case time.Time:
		return v.Format(time.RFC3339), nil
	case time.Duration:
		return v.String(), nil
	case []byte:
		return string(v), nil
	case []string:
		return strings.Join(v, ", "), nil
	}
	r := reflect.ValueOf(v)
	switch r.Kind() {
	case reflect.Pointer:
		if r.IsNil() {
			return "", nil
		}
		if r.Elem().Kind() != reflect.Struct {
			return Render(r.Elem().Interface())
		}
	case reflect.String:
		return r.String(), nil
	case reflect.Bool:
		return strconv.FormatBool(r.Bool()), nil
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		return strconv.FormatInt(r.Int(), 10), nil
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		return strconv.FormatUint(r.Uint(), 10), nil
	case reflect.Float32, reflect.Float64:
		return number(r.Float()), nil
	case reflect.Func, reflect.Chan:
		return "", errors.New("this is " + describe(v) + ", it cannot be written as text")
	}
	if m, ok := v.(encoding.TextMarshaler); ok {
		text, err := m.MarshalText()
		return string(text), err
	}
	if elements, ok := elementsOf(v); ok {
		if s, ok := joinScalars(elements); ok {
			return s, nil
		}
	}
	return toJSON(v)
}

// joinScalars joins a list that has no structure below it.
func joinScalars(elements []any) (string, bool) {
	var b strings.Builder
	for i, e := range elements {
		e = deref(e)
		if k := reflect.ValueOf(e).Kind(); k == reflect.Slice || k == reflect.Map || k == reflect.Struct || k == reflect.Pointer {
			if _, isTime := e.(time.Time); !isTime {
				return "", false
			}
		}
		s, err := Render(e)
		if err != nil || b.Len() > MaxText {
			return "", false
		}
		if i > 0 {
			b.WriteString(", ")
		}
		b.WriteString(s)
	}
	return b.String(), true
}

// number writes a float as people do: 63000, not 6.3e+04.
func number(f float64) string {
	if f == math.Trunc(f) && math.Abs(f) < 1e21 {
		return strconv.FormatFloat(f, 'f', 0, 64)
	}
	if a := math.Abs(f); a >= 1e-6 && a < 1e21 {
		return strconv.FormatFloat(f, 'f', -1, 64)
	}
	return strconv.FormatFloat(f, 'g', -1, 64)
}

// toJSON writes a value as compact JSON under the names that expressions know.
func toJSON(v any) (string, error) {
	budget := MaxElements
	p, err := plain(reflect.ValueOf(v), 0, &budget)
	if err != nil {
		return "", err
	}
	var b strings.Builder
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(p); err != nil {
		return "", fmt.Errorf("cannot be written as JSON: %w", err)
	}
	if b.Len() > MaxText {
		return "", fmt.Errorf("the JSON is larger than %d KiB", MaxText>>10)
	}
	return strings.TrimSuffix(b.String(), "\n"), nil
}

const maxDepth = 32

// plain turns structs into maps by their expr tags and bounds what has no bound of its own.
func plain(v reflect.Value, depth int, budget *int) (any, error) {
	if *budget--; *budget < 0 || depth > maxDepth {
		return nil, errors.New("too large or too deep to be written as JSON")
	}
	if !v.IsValid() {
		return nil, nil
	}
	switch v.Interface().(type) {
	case json.Marshaler, encoding.TextMarshaler:
		if v.Kind() != reflect.Pointer || !v.IsNil() {
			return v.Interface(), nil
		}
	}
	switch v.Kind() {
	case reflect.Pointer, reflect.Interface:
		return plain(v.Elem(), depth+1, budget)
	case reflect.Slice, reflect.Array:
		if v.Kind() == reflect.Slice && v.Type().Elem().Kind() == reflect.Uint8 {
			return string(v.Bytes()), nil
		}
		list := make([]any, v.Len())
		for i := range list {
			e, err := plain(v.Index(i), depth+1, budget)
			if err != nil {
				return nil, err
			}
			list[i] = e
		}
		return list, nil
	case reflect.Map:
		m := make(map[string]any, v.Len())
		for it := v.MapRange(); it.Next(); {
			e, err := plain(it.Value(), depth+1, budget)
			if err != nil {
				return nil, err
			}
			m[fmt.Sprint(it.Key().Interface())] = e
		}
		return m, nil
	case reflect.Struct:
		m := map[string]any{}
		for name, index := range fieldsOf(v.Type()) {
			f, err := v.FieldByIndexErr(index)
			if err != nil {
				continue
			}
			e, err := plain(f, depth+1, budget)
			if err != nil {
				return nil, err
			}
			m[name] = e
		}
		return m, nil
	}
	return v.Interface(), nil
}

// deref follows pointers to scalars; a nil pointer is nil.
func deref(v any) any {
	switch v := v.(type) {
	case nil, string, bool, int, float64:
		return v
	case *string:
		if v == nil {
			return nil
		}
		return *v
	}
	r := reflect.ValueOf(v)
	for r.Kind() == reflect.Pointer {
		if r.IsNil() {
			return nil
		}
		if r.Elem().Kind() == reflect.Struct && r.Elem().Type() != timeType {
			return r.Interface()
		}
		r = r.Elem()
	}
	return r.Interface()
}

// elementsOf returns the elements of any list but bytes.
func elementsOf(v any) ([]any, bool) {
	if list, ok := v.([]any); ok {
		return list, true
	}
	r := reflect.ValueOf(v)
	if k := r.Kind(); k != reflect.Slice && k != reflect.Array || r.Type().Elem().Kind() == reflect.Uint8 {
		return nil, false
	}
	list := make([]any, r.Len())
	for i := range list {
		list[i] = r.Index(i).Interface()
	}
	return list, true
}
