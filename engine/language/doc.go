// Package language describes what a configuration may say: every kind with its keys, the keys that all rules share,
// the functions and variables of expressions.
//
// There is one source for it: the Go types that a configuration is decoded into and the comments that stand in
// their code. [Describe] puts them together. What it returns is written as a JSON Schema for editors
// ([Language.Schema]), as a page for people ([Language.Reference]) and by the command line. Comments are not part
// of a program, so they are gathered into docs.go; a test fails when that file or docs/reference.md is out of date.
package language

//go:generate go test -run ^TestGenerated$ -update .
