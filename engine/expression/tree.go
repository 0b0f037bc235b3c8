package expression

import (
	"errors"
	"fmt"

	"rhea/engine"
)

// Constant is a value that is always the same.
func Constant(v any) engine.Value {
	return engine.NewValue(fmt.Sprint(v), func(engine.Data) (any, error) { return v, nil })
}

// List is a list of values.
func List(source string, items []engine.Value) engine.Value {
	return engine.NewValue(source, func(d engine.Data) (any, error) {
		list := make([]any, len(items))
		for i, item := range items {
			v, err := item.Eval(d)
			if err != nil {
				return nil, err
			}
			list[i] = v
		}
		return list, nil
	})
}

// Map is a map of values; keys and values have the same length.
func Map(source string, keys []string, values []engine.Value) engine.Value {
	return engine.NewValue(source, func(d engine.Data) (any, error) {
		m := make(map[string]any, len(keys))
		for i, key := range keys {
			v, err := values[i].Eval(d)
			if err != nil {
				return nil, err
			}
			m[key] = v
		}
		return m, nil
	})
}

// Strings is a list of texts. An element that gives a list is spread; one that is nil is left out.
func Strings(source string, items []engine.Value) engine.Strings {
	return engine.NewStrings(source, func(d engine.Data) ([]string, error) {
		list := make([]string, 0, len(items))
		for _, item := range items {
			v, err := item.Eval(d)
			if err != nil {
				return nil, err
			}
			if list, err = spread(list, v); err != nil {
				return nil, err
			}
		}
		return list, nil
	})
}

func spread(list []string, v any) ([]string, error) {
	v = deref(v)
	if v == nil {
		return list, nil
	}
	if elements, ok := elementsOf(v); ok {
		if len(elements) > MaxElements {
			return nil, fmt.Errorf("the list has more than %d elements", MaxElements)
		}
		for _, e := range elements {
			if e = deref(e); e == nil {
				continue
			}
			if _, nested := elementsOf(e); nested {
				return nil, errors.New("this is a list of lists, it must be a list of texts")
			}
			s, err := Render(e)
			if err != nil {
				return nil, err
			}
			list = append(list, s)
		}
		return list, nil
	}
	s, err := Render(v)
	if err != nil {
		return nil, err
	}
	return append(list, s), nil
}
