package config

import (
	"embed"
	"io/fs"
	"reflect"
	"slices"

	"rhea/engine"
)

// sources are the files that declare the keys of a configuration: their comments are what users read about them.
//
//go:embed action.go behaviour.go derived.go file.go identity.go optout.go rule.go shape.go test.go tests.go
var sources embed.FS

// fileText are the keys of a file. They are read a section at a time, because one section depends on another.
type fileText struct {
	// Version is 1.
	Version int `yaml:"version"`
	// Identities are the names that rules act as, each with its key.
	Identities map[string]identityText `yaml:"identities"`
	// Relays are a list of addresses, or named lists of which default is the usual one.
	Relays map[string]engine.Relays `yaml:"relays"`
	// Defaults are what rules fall back to.
	Defaults defaults `yaml:"defaults"`
	// Data names JSON files beside the configuration: what is in quotes.json, expressions know as data.quotes.
	Data map[string]string `yaml:"data"`
	// State is the path of the state file, relative to the first file: rhea.db by default.
	State string `yaml:"state"`
	// Rules connect triggers through conditions to actions.
	Rules []ruleText `yaml:"rules"`
	// Tests are signals for a rule, with what must come of them.
	Tests []testText `yaml:"tests"`
}

// Shape are the types that a configuration is decoded into, for the description of the language: their `yaml` tags
// name the keys, `enum` tags list the possible values. A [yaml.Node] is read apart.
type Shape struct {
	// File is a whole file, Step what stands beside the kind of an action.
	File, Step reflect.Type
	// Derived is a map in the place of a rule's identity.
	Derived reflect.Type
	// Outcomes are the words for what can come of a signal.
	Outcomes []string
	// Sources are the Go files that declare these types, by the import path of their package.
	Sources map[string]fs.FS
}

// Language returns the shape of the language.
func Language() Shape {
	return Shape{
		File: reflect.TypeFor[fileText](), Step: reflect.TypeFor[stepText](), Derived: reflect.TypeFor[derivedText](),
		Outcomes: slices.Clone(outcomes),
		Sources: map[string]fs.FS{
			reflect.TypeFor[fileText]().PkgPath():     sources,
			reflect.TypeFor[engine.Scope]().PkgPath(): engine.Sources(),
		},
	}
}
