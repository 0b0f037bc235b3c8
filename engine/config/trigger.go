package config

import (
	"errors"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"gopkg.in/yaml.v3"

	"rhea/engine"
	"rhea/engine/expression"
)

func (r *ruleReader) triggers() {
	n := r.text.Trigger
	if n == nil {
		if keyOf(r.node, "trigger") == nil {
			r.d.failAt(r.node, codeMissing, "this rule has no trigger", "add trigger: with one of "+listed(r.loader.triggerNames()))
		}
		return
	}
	list := []*yaml.Node{n}
	if n.Kind == yaml.SequenceNode {
		list = n.Content
		if len(list) == 0 {
			r.d.failAt(n, "trigger", "this list of triggers is empty", "")
		}
	}
	known := true
	for _, item := range list {
		item, ok := r.d.enter(item)
		if !ok {
			return
		}
		known = r.trigger(item) && known
		r.d.leave()
	}
	if !known || len(r.rule.Triggers) == 0 {
		return
	}
	kind := r.rule.Triggers[0].Kind
	compiler := r.loader.compilers[kind.Data]
	if compiler == nil {
		made, err := expression.New(kind.Data)
		if err != nil {
			r.d.failAt(n, "trigger", "the kind "+kind.Name+" offers nothing to expressions: "+err.Error(), "")
			return
		}
		compiler = made.WithData(r.loader.values)
		r.loader.compilers[kind.Data] = compiler
	}
	r.compiler, r.offers = compiler.Fresh(), r.loader.offered(kind)
}

// trigger reads one trigger and reports whether its kind is known and fits the others.
func (r *ruleReader) trigger(n *yaml.Node) bool {
	if n.Kind == yaml.ScalarNode && !isNull(n) {
		r.d.failAt(n, "type", "this is a text, it must be a map with the kind of the trigger as its key", "write "+n.Value+": {}")
		return false
	}
	entries, ok := r.d.entries(n, "a map with the kind of the trigger as its key")
	switch {
	case !ok:
		return false
	case len(entries) == 0:
		r.d.failAt(n, "trigger", "this trigger has no kind", "write one of "+listed(r.loader.triggerNames()))
		return false
	case len(entries) > 1:
		hint := "write a list of triggers, or check the indentation"
		if kind, ok := r.loader.triggerKind(entries[0].name); ok && slices.Contains(r.d.shapes.of(kind.Config).names, entries[1].name) {
			hint = entries[1].name + " is a key of " + kind.Name + ": indent it further"
		}
		r.d.failAt(entries[1].key, "trigger", "a trigger has one kind, here are "+entries[0].name+" and "+entries[1].name, hint)
		return false
	}
	e := entries[0]
	kind, ok := r.loader.triggerKind(e.name)
	if !ok {
		r.d.failAt(e.key, "unknown-trigger", "there is no trigger "+e.name, nearHint(e.name, r.loader.triggerNames(), "the triggers are "))
		return false
	}
	if len(r.rule.Triggers) > 0 && r.rule.Triggers[0].Kind.Data != kind.Data {
		r.d.failAt(e.key, "trigger", "the triggers of one rule must offer the same variables: "+
			r.rule.Triggers[0].Kind.Name+" and "+kind.Name+" do not", "write two rules")
		return false
	}
	before := r.d.report.failed()
	config := r.config(r.d, e, kind.Config, kind.Defaults)
	relays := r.loader.ownRelays(config)
	if len(relays) == 0 {
		relays = r.rule.Relays
	}
	if r.d.report.failed() == before {
		_, err := kind.Build(config.Interface(), engine.Setup{Rule: r.rule.Name})
		r.d.fieldErrors(e.key, e.value, err)
		if err == nil {
			r.d.advise(e, config.Interface())
		}
	}
	r.entries = append(r.entries, e)
	r.rule.Triggers = append(r.rule.Triggers, engine.RuleTrigger{Kind: kind, Config: config.Interface(), Relays: relays})
	return true
}

// config decodes the configuration of a kind over its defaults. Nothing written is an empty map.
func (r *ruleReader) config(d *decoder, e entry, t reflect.Type, defaults any) reflect.Value {
	config := reflect.New(t).Elem()
	if defaults != nil {
		config.Set(reflect.ValueOf(defaults))
	}
	if !isNull(e.value) {
		d.decode(e.value, config)
	} else if hint := d.hashtagHint(e.value, ""); hint != "" {
		d.failAt(e.key, "type", "there is no value here", hint)
	}
	return config
}

// ownRelays returns the relays that a configuration names itself.
func (l *loader) ownRelays(config reflect.Value) []string {
	if config.Kind() != reflect.Struct {
		return nil
	}
	index, ok := l.shapes.of(config.Type()).index["relays"]
	if !ok {
		return nil
	}
	relays, _ := reflect.TypeAssert[engine.Relays](config.FieldByIndex(index))
	return relays
}

func (l *loader) triggerKind(name string) (engine.TriggerKind, bool) {
	for _, k := range l.opts.Kinds.Triggers {
		if k.Name == name {
			return k, true
		}
	}
	return engine.TriggerKind{}, false
}

func (l *loader) triggerNames() []string {
	var names []string
	for _, k := range l.opts.Kinds.Triggers {
		names = append(names, k.Name)
	}
	return names
}

func nearHint(name string, known []string, list string) string {
	if near := expression.Nearest(name, known); near != "" {
		return "did you mean " + near + "?"
	}
	return list + listed(known)
}

// fieldErrors reports the errors of a kind about its configuration, each mistake at its key.
func (d *decoder) fieldErrors(key, config *yaml.Node, err error) {
	walkErrors(err, "", func(path string, err error) {
		at := key
		if path != "" {
			if at = find(config, path); at == config {
				at = key
			}
		}
		message := err.Error()
		switch {
		case path != "" && at == key:
			message = path + " " + strings.TrimPrefix(message, path+": ")
		case subjectless.MatchString(message):
			message = subject(key, at, path, message) + message
		}
		d.failAt(at, "invalid", message, "")
	})
}

// subjectless are messages of kinds that go on from what they are about.
var subjectless = regexp.MustCompile(`^(is|are|not|stands|names|says|never|holds|has) `)

// subject is what such a message is about: the value that stands there, or the key.
func subject(key, at *yaml.Node, path, message string) string {
	verb := ""
	if strings.HasPrefix(message, "not ") {
		verb = "is "
	}
	switch {
	case path == "":
		return key.Value + " " + verb
	case at.Kind == yaml.ScalarNode && (strings.HasPrefix(message, "is ") || verb != ""):
		return expression.Show(at.Value, 60) + " " + verb
	}
	return path + " " + verb
}

// walkErrors visits the single mistakes of an error with the path of the key that each is about.
func walkErrors(err error, path string, visit func(path string, err error)) {
	if err == nil {
		return
	}
	if joined, ok := err.(interface{ Unwrap() []error }); ok {
		for _, e := range joined.Unwrap() {
			walkErrors(e, path, visit)
		}
		return
	}
	if field, ok := errors.AsType[*engine.FieldError](err); ok {
		if path != "" {
			path += "."
		}
		walkErrors(field.Err, path+field.Path, visit)
		return
	}
	visit(path, err)
}

// find returns the node at a path such as "tags.0.1", or the last one on the way there.
func find(n *yaml.Node, path string) *yaml.Node {
	for step := range strings.SplitSeq(path, ".") {
		for n.Kind == yaml.AliasNode && n.Alias != nil {
			n = n.Alias
		}
		next := (*yaml.Node)(nil)
		if n.Kind == yaml.SequenceNode {
			if i, err := strconv.Atoi(step); err == nil && i >= 0 && i < len(n.Content) {
				next = n.Content[i]
			}
		} else if key := keyOf(n, step); key != nil {
			next = valueOf(n, key)
		}
		if next == nil {
			return n
		}
		n = next
	}
	return n
}

// keyOf returns the key of that name in a mapping.
func keyOf(n *yaml.Node, name string) *yaml.Node {
	if n.Kind == yaml.MappingNode {
		for i := 0; i+1 < len(n.Content); i += 2 {
			if n.Content[i].Value == name {
				return n.Content[i]
			}
		}
	}
	return nil
}

func valueOf(n, key *yaml.Node) *yaml.Node {
	for i := 0; i+1 < len(n.Content); i += 2 {
		if n.Content[i] == key {
			return n.Content[i+1]
		}
	}
	return nil
}
