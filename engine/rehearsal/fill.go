package rehearsal

import (
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"
	"time"

	"rhea/engine"
)

// Fill makes the data of a trigger's kind with the fields that are given, by the names that expressions know.
func Fill(kind engine.TriggerKind, given map[string]any) (engine.Data, error) {
	v := reflect.New(kind.Data.Elem())
	if err := fill(v.Elem(), given, ""); err != nil {
		return nil, err
	}
	data, ok := reflect.TypeAssert[engine.Data](v)
	if !ok {
		return nil, fmt.Errorf("trigger %s offers no data", kind.Name)
	}
	return data, nil
}

var timeType = reflect.TypeFor[time.Time]()

// fill sets v, which stands at a path such as item.title, to what was written for it.
func fill(v reflect.Value, given any, path string) error {
	if given == nil {
		return nil
	}
	switch {
	case v.Kind() == reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		return fill(v.Elem(), given, path)
	case v.Type() == timeType:
		t, err := timeOf(given)
		if err != nil {
			return fmt.Errorf("%s: %w", path, err)
		}
		v.Set(reflect.ValueOf(t))
		return nil
	case v.Kind() == reflect.Interface && v.NumMethod() == 0:
		v.Set(reflect.ValueOf(given))
		return nil
	}
	switch g := given.(type) {
	case map[string]any:
		return fillMap(v, g, path)
	case []any:
		if v.Kind() == reflect.Slice {
			list := reflect.MakeSlice(v.Type(), len(g), len(g))
			for i := range g {
				if err := fill(list.Index(i), g[i], fmt.Sprintf("%s.%d", path, i)); err != nil {
					return err
				}
			}
			v.Set(list)
			return nil
		}
	default:
		r := reflect.ValueOf(given)
		if r.Kind() == v.Kind() || isNumber(r) && isNumber(v) {
			v.Set(r.Convert(v.Type()))
			return nil
		}
	}
	return fmt.Errorf("%s: %v is not of its type, %s", path, given, v.Type())
}

func isNumber(v reflect.Value) bool { return reflect.Int <= v.Kind() && v.Kind() <= reflect.Float64 }

func fillMap(v reflect.Value, given map[string]any, path string) error {
	if v.Kind() == reflect.Map && v.Type().Key().Kind() == reflect.String {
		m := reflect.MakeMap(v.Type())
		for key, value := range given {
			one := reflect.New(v.Type().Elem()).Elem()
			if err := fill(one, value, path+"."+key); err != nil {
				return err
			}
			m.SetMapIndex(reflect.ValueOf(key).Convert(v.Type().Key()), one)
		}
		v.Set(m)
		return nil
	}
	if v.Kind() != reflect.Struct {
		return fmt.Errorf("%s: a map is not of its type, %s", path, v.Type())
	}
	for _, name := range slices.Sorted(maps.Keys(given)) {
		at := strings.TrimPrefix(path+"."+name, ".")
		field, ok := fieldNamed(v, name)
		if !ok {
			return fmt.Errorf("%s: the trigger does not offer this, or computes it", at)
		}
		if err := fill(field, given[name], at); err != nil {
			return err
		}
	}
	return nil
}

// fieldNamed finds a field by the name that expressions know.
func fieldNamed(v reflect.Value, name string) (reflect.Value, bool) {
	for _, f := range reflect.VisibleFields(v.Type()) {
		if f.IsExported() && !f.Anonymous && f.Tag.Get("expr") == name {
			return v.FieldByIndex(f.Index), true
		}
	}
	return reflect.Value{}, false
}

func timeOf(given any) (time.Time, error) {
	if t, ok := given.(time.Time); ok {
		return t, nil
	}
	text := fmt.Sprint(given)
	if t, ok := engine.ParseTime(text); ok {
		return t, nil
	}
	return time.Time{}, fmt.Errorf("%q is not a time; write one such as 2026-03-12T18:00:00+01:00", text)
}
