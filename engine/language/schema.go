package language

import (
	"encoding/json"
	"reflect"

	"rhea/engine"
	"rhea/engine/config"
)

// Schema returns the JSON Schema (draft-07) of a configuration, indented. It is what editors complete and explain
// keys by; it accepts everything that `rhea check` accepts.
func (l Language) Schema() []byte {
	file := mapOf(l.File).schema
	properties := file["properties"].(object)
	properties["version"] = object{"description": "The version of the language.", "enum": []any{1, "1"}}
	properties["relays"] = object{
		"description": "Addresses, or named lists of which default is the usual one.",
		"anyOf": []object{
			{"$ref": "#/definitions/relay_list"},
			{"type": "object", "additionalProperties": object{"$ref": "#/definitions/relay_list"}},
		},
	}
	rule := properties["rules"].(object)["items"].(object)
	rule["required"] = []string{"name", "trigger", "actions"}
	rule["properties"].(object)["name"].(object)["minLength"] = 1
	test := properties["tests"].(object)["items"].(object)
	test["required"] = []string{"rule"}
	test["anyOf"] = []object{{"required": []string{"expect"}}, {"required": []string{"sequence"}}}
	identity := properties["identities"].(object)["additionalProperties"].(object)
	identity["required"] = []string{"key"}

	file["$schema"] = "http://json-schema.org/draft-07/schema#"
	file["title"] = "Rhea configuration"
	file["definitions"] = l.definitions()
	out, err := json.MarshalIndent(file, "", "  ")
	if err != nil {
		panic(err) // Maps, lists and scalars always marshal.
	}
	return append(out, '\n')
}

func (l Language) definitions() object {
	condition := object{"type": []string{"string", "boolean", "number"}, "description": "An expression that is true or false."}
	address := object{"type": "string", "pattern": `^ *[wW][sS][sS]?://|` + fromEnvironment}
	list := object{"type": "array", "minItems": 1, "items": address}
	trigger := l.oneKind(l.Triggers, nil)
	return object{
		"condition":  condition,
		"conditions": object{"anyOf": []object{condition, {"type": "array", "minItems": 1, "items": condition}}},
		"texts":      listOf(text("", "")).schema,
		"relay_list": list,
		"relays":     object{"anyOf": []object{list, {"type": "string", "minLength": 1, "not": object{"pattern": "://"}}}},
		"secret":     l.secret(),
		"triggers":   object{"anyOf": []object{trigger, {"type": "array", "minItems": 1, "items": trigger}}},
		"actions":    object{"type": "array", "minItems": 1, "items": l.oneKind(l.Actions, l.Beside)},
	}
}

// oneKind is a map with exactly one of the kinds, and the keys beside it.
func (l Language) oneKind(kinds []Kind, beside []Key) object {
	properties, one := object{}, []object{}
	for _, k := range kinds {
		properties[k.Name] = l.kind(k)
		one = append(one, object{"required": []string{k.Name}})
	}
	for _, k := range beside {
		properties[k.Name] = k.schema()
	}
	return object{"type": "object", "properties": properties, "additionalProperties": false, "oneOf": one}
}

func (l Language) kind(k Kind) object {
	if k.config.Kind() != reflect.Struct {
		return object{}
	}
	n := mapOf(k.Keys).schema
	if len(k.needs) == 0 {
		n["type"] = []string{"object", "null"}
	}
	var needs []object
	for _, alternatives := range k.needs {
		var either []object
		for _, key := range alternatives {
			either = append(either, object{"required": []string{key}})
		}
		if len(either) > 1 {
			needs = append(needs, object{"anyOf": either})
		}
	}
	if needs != nil {
		n["allOf"] = needs
	}
	if k.Doc != "" {
		n["description"] = sentence(k.Doc)
	}
	return n
}

// secret is where a secret is to be found: exactly one place.
func (l Language) secret() object {
	var keys []Key
	for _, f := range config.Fields(reflect.TypeFor[engine.SecretRef]()) {
		k := Key{Name: f.Name, Doc: sentence(l.comments[f.Source]), node: text("text", "texts")}
		if f.Type.Kind() == reflect.Pointer {
			k.node = reference("", "secret")
		}
		keys = append(keys, k)
	}
	secret := mapOf(keys).schema
	var one []object
	for _, place := range []string{"env", "file", "credential", "bunker", "derive"} {
		one = append(one, object{"required": []string{place}})
	}
	secret["oneOf"] = one
	secret["description"] = "Where a secret is to be found. A secret never stands in the file itself."
	return secret
}
