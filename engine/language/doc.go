// Package language describes what may stand in a configuration: every kind with its keys, the keys that all rules share,
// the functions and variables of expressions.
//
// It may use the contract, configuration and expressions, to describe them.
//
// There is one source for it: the Go types that a configuration is decoded into and the comments that stand in
// their code, which every package that declares such types embeds and hands over ([engine.TriggerKind.Documented]).
// [Describe] puts them together. What it returns is written as a JSON Schema for editors ([Language.Schema]), as a
// page for people ([Language.Reference]) and by the command line.
//
// # Decisions
//
// There is one source for the language, so nothing is kept in step by hand. A comment is not part of a program: packages
// embed their source files without the tests, and they are parsed when list, schema, init or eval asks, never in run.
// docs/reference.md is written by "go test ./engine/language -run TestReference -update", and a test holds it. It costs
// 0.6 MB of the binary and 12 ms of list. Would change: a binary that must be smaller, or go:embed patterns that can
// exclude tests.
//
// What a kind cannot do without is not declared: the kind is built without each key. Would change: kinds that are
// expensive to build.
package language
