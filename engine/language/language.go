package language

import (
	"reflect"

	"rhea/engine/config"
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

// need are keys of which at least one must be given.
type need []string
