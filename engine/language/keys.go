package language

import (
	"encoding"
	"fmt"
	"reflect"
	"slices"
	"strings"

	"gopkg.in/yaml.v3"

	"rhea/engine"
	"rhea/engine/config"
)

// keys describes the keys of a struct. Defaults is a value of it, or nil.
func (l *Language) keys(t reflect.Type, defaults any, required []string) []Key {
	if t.Kind() != reflect.Struct {
		return nil
	}
	var all []Key
	for _, f := range config.Fields(t) {
		k := Key{
			Name: f.Name, Doc: sentence(l.comments[f.Source]), Choices: f.Choices,
			Required: slices.Contains(required, f.Name),
		}
		k.node = l.nodeOf(f.Type, f.Name)
		if f.Type == reflect.TypeFor[engine.Outcome]() {
			k.Choices = l.shape.Outcomes
		}
		if len(k.Choices) > 0 {
			k.node = choice(k.Choices)
		}
		k.Type, k.Keys = k.node.words, k.node.keys
		if defaults != nil {
			k.Default = written(reflect.ValueOf(defaults).FieldByIndex(f.Index))
		}
		all = append(all, k)
	}
	return all
}

// written writes a default as a person would; "" for a zero value.
func written(v reflect.Value) string {
	if v.IsZero() {
		return ""
	}
	switch value := v.Interface().(type) {
	case fmt.Stringer:
		return value.String()
	case encoding.TextMarshaler:
		if text, err := value.MarshalText(); err == nil {
			return string(text)
		}
	}
	switch v.Kind() {
	case reflect.Slice:
		parts := make([]string, v.Len())
		for i := range parts {
			parts[i] = written(v.Index(i))
		}
		return "[" + strings.Join(parts, ", ") + "]"
	case reflect.String, reflect.Bool, reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64,
		reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64, reflect.Float32, reflect.Float64:
		return fmt.Sprint(v.Interface())
	}
	return ""
}

// nodeOf describes what is written for a type; name is the key it is written under.
func (l *Language) nodeOf(t reflect.Type, name string) *node {
	if t.Kind() == reflect.Pointer && t != reflect.TypeFor[*yaml.Node]() {
		t = t.Elem()
	}
	if n := l.special(t, name); n != nil {
		return n
	}
	switch t.Kind() {
	case reflect.Struct:
		return mapOf(l.keys(t, nil, nil))
	case reflect.Map:
		return namedOf(l.nodeOf(t.Elem(), ""))
	case reflect.Slice:
		return listOf(l.nodeOf(t.Elem(), ""))
	case reflect.Bool:
		return scalar("true or false", "true or false", "boolean", "^(true|false)$")
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64,
		reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		return scalar("number", "numbers", "integer", `^-?[0-9]+$`)
	case reflect.Float32, reflect.Float64:
		return scalar("number", "numbers", "number", `^-?[0-9.]+([eE][-+]?[0-9]+)?$`)
	case reflect.String:
		return text("text", "texts")
	}
	return anything()
}

// special describes the types that are written in another way than their Go shape.
func (l *Language) special(t reflect.Type, name string) *node {
	if t == reflect.TypeFor[*yaml.Node]() {
		return l.apart(name)
	}
	if special, ok := l.types[t]; ok {
		n := &node{words: special.Words, plural: special.Plural, schema: orEnvironment(special.Schema)}
		if special.OrKeys {
			return either(n.words, n.plural, n, mapOf(l.keys(t, nil, nil)))
		}
		return n
	}
	if reflect.PointerTo(t).Implements(reflect.TypeFor[encoding.TextUnmarshaler]()) {
		return text("text", "texts")
	}
	return nil
}

// apart describes what the configuration reads by hand.
func (l *Language) apart(name string) *node {
	switch name {
	case "trigger":
		return reference("a kind with its configuration, or a list of such", "triggers")
	case "actions":
		return reference("list of actions", "actions")
	case "if":
		return reference("expression, or a list of expressions", "conditions")
	case "identity":
		return either("name, or { derive: NAME, path: TEXT }", "names, or { derive: NAME, path: TEXT }", text("text", "texts"),
			mapOf(l.keys(l.shape.Derived, nil, []string{"derive", "path"})))
	case "profile":
		return either("a map, or false", "maps", never(), mapOf(l.keys(reflect.TypeFor[config.Profile](), config.Profile{Bot: true}, nil)))
	case "dedupe", "group":
		return text("expression", "expressions")
	}
	return anything()
}
