// Package language describes what may stand in a configuration: every kind with its keys, the keys that all rules share,
// the functions and variables of expressions.
//
// There is one source for it: the Go types that a configuration is decoded into and the comments that stand in
// their code, which every package that declares such types embeds and hands over ([engine.TriggerKind.Documented]).
// [Describe] puts them together. What it returns is written as a JSON Schema for editors ([Language.Schema]), as a
// page for people ([Language.Reference]) and by the command line.
package language
