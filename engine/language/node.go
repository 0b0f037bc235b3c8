package language

import (
	"maps"
	"strconv"
	"strings"
)

// Key is one key of a map.
type Key struct {
	Name string `json:"name"`
	// Type names in plain words what is written there.
	Type string `json:"type"`
	Doc  string `json:"doc,omitempty"`
	// Default is what holds when the key is left out, as it would be written; "" when that is nothing.
	Default string `json:"default,omitempty"`
	// Choices are the words that may be written.
	Choices  []string `json:"choices,omitempty"`
	Required bool     `json:"required,omitempty"`
	// Keys are those of the map, or of the maps of the list, that is written there.
	Keys []Key `json:"keys,omitempty"`

	node *node
}

// node is what may be written in one place: in words for people, as a JSON Schema for editors.
type node struct {
	words string
	// plural is words for several of it; "" when they are the same.
	plural string
	schema object
	keys   []Key
}

// object is a JSON object of a schema.
type object map[string]any

// fromEnvironment lets a text stand for any scalar, because ${NAME} is replaced when the file is loaded.
const fromEnvironment = `\$\{`

// scalar is a value of one JSON type, which may also be written as a text of that form.
func scalar(words, plural, jsonType, form string) *node {
	return &node{words: words, plural: plural, schema: orEnvironment(object{
		"type": []string{jsonType, "string"}, "pattern": form,
	})}
}

// text takes every scalar, as the configuration does.
func text(words, plural string) *node {
	return &node{words: words, plural: plural, schema: object{"type": []string{"string", "number", "boolean"}}}
}

// orEnvironment lets ${NAME} stand for what has a form.
func orEnvironment(schema object) object {
	form, ok := schema["pattern"].(string)
	if !ok {
		return schema
	}
	schema = maps.Clone(schema)
	schema["pattern"] = form + "|" + fromEnvironment
	return schema
}

func choice(words []string) *node {
	return &node{words: "text", schema: object{
		"anyOf": []object{{"enum": words}, {"type": "string", "pattern": fromEnvironment}},
	}}
}

// mapOf is a map with these keys and no others.
func mapOf(keys []Key) *node {
	properties, required := object{}, []string{}
	for _, k := range keys {
		properties[k.Name] = k.schema()
		if k.Required {
			required = append(required, k.Name)
		}
	}
	n := &node{words: "map", plural: "maps", keys: keys, schema: object{
		"type": "object", "properties": properties, "additionalProperties": false,
	}}
	if len(required) > 0 {
		n.schema["required"] = required
	}
	return n
}

// namedOf is a map whose keys are names.
func namedOf(value *node) *node {
	return &node{words: "map of " + value.several(), keys: value.keys, schema: object{
		"type": "object", "additionalProperties": value.schema,
	}}
}

// listOf is a list; a list of scalars may also be written as one of them.
func listOf(element *node) *node {
	n := &node{words: "list of " + element.several(), plural: "lists of " + element.several(), keys: element.keys, schema: object{
		"type": "array", "items": element.schema,
	}}
	if element.isScalar() {
		n.schema = object{"anyOf": []object{n.schema, element.schema}}
	}
	return n
}

func (n *node) isScalar() bool {
	switch types := n.schema["type"].(type) {
	case string:
		return types == "string"
	case []string:
		return true
	}
	return false
}

func either(words, plural string, first, second *node) *node {
	return &node{words: words, plural: plural, keys: second.keys, schema: object{"anyOf": []object{first.schema, second.schema}}}
}

// reference is a definition that stands in one place of the schema.
func reference(words, name string) *node {
	return &node{words: words, schema: object{"$ref": "#/definitions/" + name}}
}

// never is the word false.
func never() *node { return &node{words: "false", plural: "false", schema: object{"const": false}} }

func anything() *node { return &node{words: "any value", plural: "values", schema: object{}} }

// several is what is written in a list of it.
func (n *node) several() string {
	if n.plural != "" {
		return n.plural
	}
	return n.words
}

// schema is the node of the key with what is known about the key.
func (k Key) schema() object {
	described := object{}
	if k.Doc != "" {
		described["description"] = k.Doc
	}
	if value, ok := k.defaultValue(); ok {
		described["default"] = value
	}
	// Beside a $ref, draft-07 ignores everything else.
	if _, ok := k.node.schema["$ref"]; ok && len(described) > 0 {
		described["allOf"] = []object{k.node.schema}
		return described
	}
	maps.Copy(described, k.node.schema)
	return described
}

// defaultValue is the default as JSON has it.
func (k Key) defaultValue() (any, bool) {
	switch {
	case k.Default == "":
		return nil, false
	case k.Default == "true" || k.Default == "false":
		return k.Default == "true", true
	case strings.HasPrefix(k.Default, "["):
		var list []any
		for part := range strings.SplitSeq(strings.Trim(k.Default, "[]"), ", ") {
			list = append(list, number(part))
		}
		return list, true
	}
	return number(k.Default), true
}

// number reads a number; what is none stays a text.
func number(s string) any {
	if n, err := strconv.Atoi(s); err == nil {
		return n
	}
	return s
}
