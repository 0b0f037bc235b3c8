// Package cmd is the command line: one file a verb. It is the only room that knows all others, and puts them
// together: configuration, keys, ledger, relays, engine.
//
// It is a package of its own, apart from the main package in cmd/rhea, so that a program with its own kinds of
// triggers and actions is four lines long: see [Main].
//
// It may use everything, and nothing may use it but the main packages.
package cmd
