package config

import (
	"encoding"
	"fmt"
	"reflect"
	"strings"
	"time"

	"gopkg.in/yaml.v3"

	"rhea/engine"
	"rhea/engine/expression"
)

// decoder fills Go values from the nodes of one source, strictly: every key must be known, every value of its type.
type decoder struct {
	report *report
	src    *source
	env    func(string) (string, bool)
	// secrets are what no text may hold.
	secrets *keyVariables
	// expressions compiles texts; nil leaves them out because nothing is known about the data.
	expressions *expression.Compiler
	// relays finds a set of relays.
	relays func(name string) ([]string, []string, bool)
	// outbox is true where the word outbox may stand for relays.
	outbox bool
	shapes shapes
	types  types
	// visited counts the work done for a rule, see charge.
	visited *int
	depth   int
}

// entry is one key of a mapping with its value.
type entry struct {
	name       string
	key, value *yaml.Node
}

func (d *decoder) failAt(n *yaml.Node, code, message, hint string) {
	d.report.fail(d.src, placeOf(n), code, message, hint)
}

// decode fills v, which can be set.
func (d *decoder) decode(n *yaml.Node, v reflect.Value) {
	n, ok := d.enter(n)
	if !ok {
		return
	}
	defer d.leave()
	if v.Type() == reflect.TypeFor[*yaml.Node]() {
		v.Set(reflect.ValueOf(n))
		return
	}
	if isNull(n) && v.Kind() != reflect.Interface && !d.types[v.Type()].null {
		d.failAt(n, "type", "there is no value here", d.hashtagHint(n, "leave the key out, or write "+d.types.want(v.Type())))
		return
	}
	if v.Kind() == reflect.Pointer {
		p := reflect.New(v.Type().Elem())
		d.decode(n, p.Elem())
		v.Set(p)
		return
	}
	if d.special(n, v) {
		return
	}
	switch v.Kind() {
	case reflect.Struct:
		d.structure(n, v)
	case reflect.Map:
		d.mapping(n, v)
	case reflect.Slice:
		d.list(n, v)
	case reflect.Interface:
		if value, ok := d.any(n); ok && value != nil {
			v.Set(reflect.ValueOf(value))
		}
	default:
		d.scalar(n, v)
	}
}

// enter follows an alias and counts; it fails once when there is too much.
func (d *decoder) enter(n *yaml.Node) (*yaml.Node, bool) {
	for n.Kind == yaml.AliasNode && n.Alias != nil {
		n = n.Alias
	}
	affordable := d.charge(n, 1+len(n.Value)/256)
	if d.depth == maxDepth {
		d.failAt(n, "too-deep", fmt.Sprintf("this is nested more than %d deep", maxDepth), "")
	}
	if !affordable || d.depth >= maxDepth {
		return n, false
	}
	d.depth++
	return n, true
}

// charge counts work, so that what is read and compiled for one rule stays bounded. It reports the first excess.
func (d *decoder) charge(n *yaml.Node, cost int) bool {
	before := *d.visited
	*d.visited += cost
	if before < maxNodes && *d.visited >= maxNodes {
		d.failAt(n, "too-large", fmt.Sprintf("there are more than %d values here", maxNodes),
			"divide it into several rules")
	}
	return *d.visited < maxNodes
}

func (d *decoder) leave() { d.depth-- }

// special decodes the types that are written in another way than their Go shape says.
func (d *decoder) special(n *yaml.Node, v reflect.Value) bool {
	if decode := d.types[v.Type()].decode; decode != nil {
		decode(d, n, v)
		return true
	}
	to, ok := reflect.TypeAssert[encoding.TextUnmarshaler](v.Addr())
	if !ok {
		return false
	}
	if text, ok := d.plainText(n, v.Type()); ok {
		if err := to.UnmarshalText([]byte(text)); err != nil {
			d.failAt(n, "type", d.unresolved(n, text, err.Error()), "")
		}
	}
	return true
}

func (d *decoder) time(n *yaml.Node) time.Time {
	text, ok := d.plainText(n, reflect.TypeFor[time.Time]())
	if !ok {
		return time.Time{}
	}
	if t, ok := engine.ParseTime(text); ok {
		return t
	}
	d.failAt(n, "type", d.unresolved(n, text, fmt.Sprintf("%q is not a time", text)), "write one such as 2026-03-12T18:00:00+01:00")
	return time.Time{}
}

func (d *decoder) structure(n *yaml.Node, v reflect.Value) {
	fields := d.shapes.of(v.Type())
	if n.Kind != yaml.MappingNode {
		hint := keyedHint(n, fields.names)
		if hint == "" {
			hint = "the keys here are " + listed(fields.names)
		}
		d.failAt(n, "type", "this is "+shape(n)+", it must be "+d.types.want(v.Type()), hint)
		return
	}
	entries, ok := d.entries(n, d.types.want(v.Type()))
	if !ok {
		return
	}
	for _, e := range entries {
		index, ok := fields.index[e.name]
		if !ok {
			d.unknownKey(e, fields.names)
			continue
		}
		if hint := pluralHint(e.name, e.value, fields.names); hint != "" && v.FieldByIndex(index).Kind() != reflect.Slice {
			d.failAt(e.value, "type", "this is a list, it must be "+d.types.want(v.FieldByIndex(index).Type()), hint)
			continue
		}
		d.decode(e.value, v.FieldByIndex(index))
	}
}

// entries returns the keys of a mapping, those of merged mappings (<<) behind its own.
func (d *decoder) entries(n *yaml.Node, wants string) ([]entry, bool) {
	if n.Kind != yaml.MappingNode {
		d.failAt(n, "type", "this is "+shape(n)+", it must be "+wants, "")
		return nil, false
	}
	var own, merged []entry
	seen := map[string]*yaml.Node{}
	for i := 0; i+1 < len(n.Content); i += 2 {
		key, value := n.Content[i], n.Content[i+1]
		if key.Tag == "!!merge" || key.Kind == yaml.ScalarNode && key.Value == "<<" && key.Style == 0 {
			merged = append(merged, d.merge(value)...)
			continue
		}
		if key.Kind != yaml.ScalarNode || isNull(key) {
			d.failAt(key, "type", "a key must be a text", "")
			continue
		}
		if key.Value == "" {
			d.failAt(key, "type", "a key is empty", "")
			continue
		}
		if first, ok := seen[key.Value]; ok {
			d.failAt(key, "duplicate-key", fmt.Sprintf("the key %s is here twice, first on line %d", key.Value, first.Line), "remove one of them")
			continue
		}
		seen[key.Value] = key
		own = append(own, entry{key.Value, key, value})
	}
	for _, e := range merged {
		if seen[e.name] == nil {
			seen[e.name] = e.key
			own = append(own, e)
		}
	}
	return own, true
}

func (d *decoder) merge(n *yaml.Node) []entry {
	n, ok := d.enter(n)
	if !ok {
		return nil
	}
	defer d.leave()
	switch n.Kind {
	case yaml.MappingNode:
		entries, _ := d.entries(n, "a map")
		return entries
	case yaml.SequenceNode:
		var all []entry
		for _, e := range n.Content {
			all = append(all, d.merge(e)...)
		}
		return all
	}
	d.failAt(n, "type", "<< merges maps, this is "+shape(n), "")
	return nil
}

func (d *decoder) mapping(n *yaml.Node, v reflect.Value) {
	entries, ok := d.entries(n, d.types.want(v.Type()))
	if !ok {
		return
	}
	m := reflect.MakeMapWithSize(v.Type(), len(entries))
	for _, e := range entries {
		value := reflect.New(v.Type().Elem()).Elem()
		d.decode(e.value, value)
		m.SetMapIndex(reflect.ValueOf(e.name).Convert(v.Type().Key()), value)
	}
	v.Set(m)
}

// list decodes a list; one value alone is a list of one, as in `at: 2030-01-01T00:00:00Z`.
func (d *decoder) list(n *yaml.Node, v reflect.Value) {
	items := n.Content
	switch {
	case n.Kind == yaml.ScalarNode && oneValue(v.Type().Elem()):
		items = []*yaml.Node{n}
		if several(n.Value) {
			d.failAt(n, "type", "this is one text, not a list of several", "write it as a list: ["+n.Value+"]")
			return
		}
	case n.Kind != yaml.SequenceNode:
		d.failAt(n, "type", "this is "+shape(n)+", it must be "+d.types.want(v.Type()), listHint(n))
		return
	}
	list := reflect.MakeSlice(v.Type(), len(items), len(items))
	for i, e := range items {
		d.decode(e, list.Index(i))
	}
	v.Set(list)
}

// oneValue reports whether a type is written as one scalar.
func oneValue(t reflect.Type) bool {
	return readsText(t) || reflect.Bool <= t.Kind() && t.Kind() <= reflect.Float64 || t.Kind() == reflect.String
}

func listHint(n *yaml.Node) string {
	if n.Kind == yaml.ScalarNode && len(n.Value) < 40 && !strings.ContainsAny(n.Value, "\n,[]{}\"'#:") {
		return "write it as a list: [" + n.Value + "]"
	}
	return ""
}

// any decodes what has no type of its own.
func (d *decoder) any(n *yaml.Node) (any, bool) {
	switch n.Kind {
	case yaml.MappingNode:
		m := map[string]any{}
		d.mapping(n, reflect.ValueOf(&m).Elem())
		return m, true
	case yaml.SequenceNode:
		list := []any{}
		d.list(n, reflect.ValueOf(&list).Elem())
		return list, true
	}
	if isNull(n) {
		return nil, true
	}
	text, ok := d.plainText(n, reflect.TypeFor[string]())
	if !ok {
		return nil, false
	}
	return scalarValue(n, text), true
}
