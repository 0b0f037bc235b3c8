package language

import "maps"

// node is what may be written in one place: in words for people, as a JSON Schema for editors.
type node struct {
	words  string
	schema object
	keys   []Key
}

// object is a JSON object of a schema.
type object map[string]any

// fromEnvironment lets a text stand for any scalar, because ${NAME} is replaced when the file is loaded.
const fromEnvironment = `\$\{`

// scalar is a value of one JSON type, which may also be written as a text of that form.
func scalar(words, jsonType, form string) *node {
	return &node{words: words, schema: object{
		"type": []string{jsonType, "string"}, "pattern": form + "|" + fromEnvironment,
	}}
}

// text takes every scalar, as the configuration does; one with a form is only checked when it is a text to editors.
func text(words, form string) *node {
	if form == "" {
		return &node{words: words, schema: object{"type": []string{"string", "number", "boolean"}}}
	}
	return &node{words: words, schema: object{"type": "string", "pattern": form + "|" + fromEnvironment}}
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
	n := &node{words: "map", keys: keys, schema: object{
		"type": "object", "properties": properties, "additionalProperties": false,
	}}
	if len(required) > 0 {
		n.schema["required"] = required
	}
	return n
}

// namedOf is a map whose keys are names.
func namedOf(value *node) *node {
	return &node{words: "map of " + plural(value.words), keys: value.keys, schema: object{
		"type": "object", "additionalProperties": value.schema,
	}}
}

// listOf is a list; a list of scalars may also be written as one of them.
func listOf(element *node) *node {
	n := &node{words: "list of " + plural(element.words), keys: element.keys, schema: object{
		"type": "array", "items": element.schema,
	}}
	if types, ok := element.schema["type"].([]string); ok && len(element.keys) == 0 && len(types) > 1 {
		n.schema = object{"anyOf": []object{n.schema, element.schema}}
	}
	return n
}

func either(words string, first, second *node) *node {
	return &node{words: words, keys: second.keys, schema: object{"anyOf": []object{first.schema, second.schema}}}
}

// reference is a definition that stands in one place of the schema.
func reference(words, name string) *node {
	return &node{words: words, schema: object{"$ref": "#/definitions/" + name}}
}

func anything() *node { return &node{words: "any value", schema: object{}} }

func plural(words string) string {
	switch words {
	case "text":
		return "texts"
	case "number", "map", "expression":
		return words + "s"
	case "text with ${{ … }}":
		return "texts with ${{ … }}"
	case "any value":
		return "values"
	case "rate such as 3/10m":
		return "rates such as 3/10m, or 0"
	case "number or rate such as 3/10m":
		return "numbers or rates such as 3/10m"
	}
	if rest, ok := cutList(words); ok {
		return "lists of " + rest
	}
	return words
}

func cutList(words string) (string, bool) {
	const list = "list of "
	if len(words) > len(list) && words[:len(list)] == list {
		return words[len(list):], true
	}
	return "", false
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
