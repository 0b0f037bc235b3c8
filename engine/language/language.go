package language

import (
	"io/fs"
	"reflect"
	"strings"

	"rhea/engine"
	"rhea/engine/config"
	"rhea/engine/expression"
)

// Language is everything that may stand in a configuration.
type Language struct {
	Triggers []Kind `json:"triggers"`
	Actions  []Kind `json:"actions"`
	// Beside are the keys beside the kind of an action.
	Beside []Key `json:"beside"`
	// File are the keys of a whole file.
	File      []Key      `json:"file"`
	Functions []Function `json:"functions"`
	// Builtins are the functions that come with expr (expr-lang.org).
	Builtins []string `json:"builtins"`
	// Outcomes are the words for what can come of a signal.
	Outcomes []string `json:"outcomes"`

	shape    config.Shape
	types    map[reflect.Type]config.SpecialType
	comments comments
}

// Kind is one kind of trigger or action.
type Kind struct {
	Name string `json:"name"`
	// Doc describes what it does: "fires when …" or "writes …"; "" when nothing is known.
	Doc  string `json:"doc,omitempty"`
	Keys []Key  `json:"keys"`
	// Variables are what a trigger offers to expressions.
	Variables []Variable `json:"variables,omitempty"`

	config reflect.Type
	needs  []need
}

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

// Function is what an expression may call.
type Function struct {
	Name      string `json:"name"`
	Signature string `json:"signature"`
	Doc       string `json:"doc"`
}

// Variable is what an expression may name.
type Variable struct {
	Name string `json:"name"`
	Type string `json:"type"`
	Doc  string `json:"doc,omitempty"`
}

// Describe puts together what may stand in configurations with these kinds. It reads the comments in their sources, so it
// takes some milliseconds. Of kinds without sources it describes the keys and their types alone.
func Describe(kinds engine.Kinds) Language {
	l := Language{shape: config.Language(), types: map[reflect.Type]config.SpecialType{}, Builtins: expression.Builtins()}
	l.Outcomes, l.comments = l.shape.Outcomes, commentsOf(l.shape, kinds)
	for _, t := range config.SpecialTypes() {
		l.types[t.Type] = t
	}
	for _, k := range kinds.Triggers {
		needs := l.needsOf(k.Config, k.Defaults, func(c any) error {
			_, err := k.Build(c, engine.Setup{})
			return err
		})
		l.Triggers = append(l.Triggers, Kind{
			Name: k.Name, Doc: l.kindDoc(k.Sources, "trigger", k.Name), Keys: l.keys(k.Config, k.Defaults, only(needs)),
			Variables: l.variables(k.Data), config: k.Config, needs: needs,
		})
	}
	for _, k := range kinds.Actions {
		needs := l.needsOf(k.Config, k.Defaults, func(c any) error {
			_, err := k.Build(c)
			return err
		})
		l.Actions = append(l.Actions, Kind{
			Name: k.Name, Doc: l.kindDoc(k.Sources, "action", k.Name), Keys: l.keys(k.Config, k.Defaults, only(needs)),
			config: k.Config, needs: needs,
		})
	}
	l.Beside = l.keys(l.shape.Step, nil, nil)
	l.File = l.keys(l.shape.File, nil, []string{"version"})
	for _, f := range expression.Functions() {
		l.Functions = append(l.Functions, Function{f.Name, f.Signature, f.Doc})
	}
	return l
}

// only lists the keys for which no other can stand in.
func only(needs []need) []string {
	var keys []string
	for _, n := range needs {
		if len(n) == 1 {
			keys = append(keys, n[0])
		}
	}
	return keys
}

// kindDoc is the comment of the function that declares a kind: "feedKind is the trigger that fires for …".
func (l *Language) kindDoc(sources map[string]fs.FS, what, name string) string {
	for pkg := range sources {
		if doc, ok := l.comments[ofKind(pkg, what, name)]; ok {
			return strings.TrimPrefix(doc, "the "+what+" that ")
		}
	}
	return ""
}

func (l *Language) variables(data reflect.Type) []Variable {
	var all []Variable
	for _, n := range expression.Names(data) {
		v := Variable{Name: n.Path, Type: n.Type, Doc: sentence(l.comments[n.Source])}
		if n.Method {
			v.Name += "(…)"
		}
		all = append(all, v)
	}
	return all
}
