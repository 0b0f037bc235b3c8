package config

import (
	"reflect"
	"slices"

	"gopkg.in/yaml.v3"
)

// missable are the codes of mistakes that are none in a part of a configuration: the rest may stand elsewhere.
var missable = []string{codeMissing, "no-rules", "no-relays", "undefined-identity", "undefined-relays", "undefined-rule"}

// codeMissing is the code of what a whole configuration cannot do without.
const codeMissing = "missing"

// ParseFragment checks a part of a configuration, such as documentation shows: some of its sections, rules, one rule or
// some keys of it, tests, actions, or a trigger. It reports whether the text is one of these; what is wrong in it is an
// error of type [Problems].
func ParseFragment(name string, data []byte, opts Options) (file *File, known bool, err error) {
	documents, err := documentsOf(data)
	if err != nil || len(documents) != 1 || len(documents[0].Content) == 0 {
		return nil, false, nil
	}
	l := newLoader(opts)
	l.report.ignored = missable
	root := l.wrap(documents[0].Content[0])
	if root == nil {
		return nil, false, nil
	}
	l.file.Paths = []string{name}
	l.read(newSource(name, string(data)), root)
	file, err = l.finish()
	return file, true, err
}

// wrap makes a whole file of a part of one; nil when it is not known what it is a part of.
func (l *loader) wrap(n *yaml.Node) *yaml.Node {
	if n.Kind == yaml.SequenceNode {
		if len(n.Content) == 0 {
			return nil
		}
		switch first := keysOf(n.Content[0]); {
		case has(first, "rule"):
			return below("tests", n)
		case has(first, "trigger", "actions"):
			return below("rules", n)
		case slices.ContainsFunc(first, l.isAction):
			return below("rules", alone(below("actions", n)))
		}
		return nil
	}
	keys := keysOf(n)
	file, rule := l.shapes.of(reflect.TypeFor[fileText]()).names, l.shapes.of(reflect.TypeFor[ruleText]()).names
	switch {
	case len(keys) == 0:
		return nil
	case has(keys, "rules", "tests", "identities", "defaults"):
		return n
	case has(keys, "trigger", "actions") || isWithin(keys, rule) && !isWithin(keys, []string{"name", "if", "identity", "relays"}):
		return below("rules", alone(n))
	case len(keys) == 1 && slices.Contains(l.triggerNames(), keys[0]):
		return below("rules", alone(below("trigger", n)))
	case len(keys) == 1 && l.isAction(keys[0]):
		return below("rules", alone(below("actions", alone(n))))
	case isWithin(keys, file):
		return n
	}
	return nil
}

func keysOf(n *yaml.Node) []string {
	if n.Kind != yaml.MappingNode {
		return nil
	}
	var keys []string
	for i := 0; i < len(n.Content); i += 2 {
		keys = append(keys, n.Content[i].Value)
	}
	return keys
}

// has reports whether one of the names is among the keys.
func has(keys []string, names ...string) bool {
	return slices.ContainsFunc(names, func(name string) bool { return slices.Contains(keys, name) })
}

// isWithin reports whether all keys are among the names.
func isWithin(keys, names []string) bool {
	return !slices.ContainsFunc(keys, func(key string) bool { return !slices.Contains(names, key) })
}

// below puts a node under a key, at its own place.
func below(key string, n *yaml.Node) *yaml.Node {
	k := &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!str", Value: key, Line: n.Line, Column: n.Column}
	return &yaml.Node{Kind: yaml.MappingNode, Tag: "!!map", Content: []*yaml.Node{k, n}, Line: n.Line, Column: n.Column}
}

// alone makes a list of one node, at its place.
func alone(n *yaml.Node) *yaml.Node {
	return &yaml.Node{Kind: yaml.SequenceNode, Tag: "!!seq", Content: []*yaml.Node{n}, Line: n.Line, Column: n.Column}
}
